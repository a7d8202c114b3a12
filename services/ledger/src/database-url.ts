import { z } from "zod";

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\]|)$/;
const examplePasswords =
  /^(postgres|postgresql|password|passwd|secret|admin|root|user|test|fairlead|ledger|1234.*)$|change[-_ ]?me|example|replace[-_ ]?me|your[-_ ]/i;

/**
 * postgres://user:password@host:5432/database. Beyond this machine, a password that is empty or
 * known from documentation is refused; the message never repeats it. The URL's form is checked
 * where it is used.
 */
export function databaseUrl() {
  return z
    .string()
    .min(1)
    .refine((text) => !hasWeakPassword(text), {
      message:
        "its password is empty or an example value: give the database user one of `openssl rand -hex 24`",
    });
}

function hasWeakPassword(text: string): boolean {
  if (!URL.canParse(text)) {
    return false;
  }
  const { hostname, password } = new URL(text);
  return !loopback.test(hostname) && (password === "" || examplePasswords.test(password));
}
