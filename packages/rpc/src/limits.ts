import { AppError } from "@fairlead/errors";

/** Largest message either side takes: a request with images in it fits. */
export const messageBytesMax = 33_554_432;

/**
 * What an HTTP/2 peer may send before the reader has answered. The 64 KiB that HTTP/2 begins with
 * make long prompts and answers wait for round trips.
 */
export const receiveWindowBytes = 1_048_576;

/** The end of a call whose sender would not wait for its reader. */
export function queueFullError(): AppError {
  return new AppError("unavailable", "The connection cannot take more now; try again.", {
    retryAfterMs: 1000,
  });
}

export function cancelledError(): AppError {
  return new AppError("cancelled", "The call was cancelled.");
}

export function timeoutError(): AppError {
  return new AppError("timeout", "The call took longer than its deadline.");
}
