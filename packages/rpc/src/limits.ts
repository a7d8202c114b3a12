import { AppError } from "@fairlead/errors";

/** Largest message either side takes: a request with images in it fits. */
export const messageBytesMax = 33_554_432;

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
