import type { ProviderFaultInfo } from "@fairlead/providers";

const MESSAGE_LENGTH_MAX = 2_000;
/** Shorter ones would be found in ordinary words. */
const CREDENTIAL_LENGTH_MIN = 8;

/**
 * A fault as it may leave the process: some providers quote the key that they refuse, and nobody
 * is helped by a page of text.
 */
export function redactFault(
  fault: ProviderFaultInfo,
  credential: string | undefined,
): ProviderFaultInfo {
  let { message } = fault;
  if (credential !== undefined && credential.length >= CREDENTIAL_LENGTH_MIN) {
    message = message.replaceAll(credential, "[redacted]");
  }
  if (message.length > MESSAGE_LENGTH_MAX) {
    message = `${message.slice(0, MESSAGE_LENGTH_MAX)}…`;
  }
  return message === fault.message ? fault : { ...fault, message };
}
