import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServerCertificate } from "@fairlead/local";

const DAYS = "2";
const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

/** A certificate authority of one test. */
export interface TestCa {
  /** PEM file of its own certificate. */
  readonly caFile: string;
  /** A certificate for a server of that DNS name. */
  issue(name: string): ServerCertificate;
  /** Removes its files. */
  remove(): void;
}

/** Made by the `openssl` of the machine. */
export function createCa(): TestCa {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-ca-"));
  const openssl = (...parts: string[]) =>
    void execFileSync("openssl", parts, { cwd: folder, stdio: "pipe" });
  const files = ["-keyout", "ca.key", "-out", "ca.crt"];
  openssl("req", "-x509", ...newKey, ...files, "-subj", "/CN=test CA", "-days", DAYS);
  return {
    caFile: join(folder, "ca.crt"),
    issue(name) {
      openssl("req", ...newKey, "-keyout", "it.key", "-out", "it.csr", "-subj", `/CN=${name}`);
      writeFileSync(join(folder, "it.cnf"), `subjectAltName=DNS:${name}\n`);
      const signer = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", DAYS];
      const out = ["-extfile", "it.cnf", "-out", "it.crt"];
      openssl("x509", "-req", "-in", "it.csr", ...signer, ...out);
      return {
        cert: readFileSync(join(folder, "it.crt"), "utf8"),
        key: readFileSync(join(folder, "it.key"), "utf8"),
      };
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}
