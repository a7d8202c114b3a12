import type { AppError } from "@fairlead/errors";

const details = new WeakMap<AppError, Uint8Array>();

/** Puts an encoded message beside an error; it travels with the error to the caller. */
export function setErrorDetail(error: AppError, detail: Uint8Array): AppError {
  details.set(error, detail);
  return error;
}

/** The encoded message that the callee put beside this error, such as a ProviderFault. */
export function errorDetail(error: AppError): Uint8Array | undefined {
  return details.get(error);
}
