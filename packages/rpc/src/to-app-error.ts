import { AppError } from "@fairlead/errors";
import type { RpcLogger } from "./log.ts";

/** What a handler failed with, as its caller may see it; what is not ours is logged here. */
export function toAppError(error: unknown, method: string, logger: RpcLogger): AppError {
  if (!(error instanceof AppError)) {
    logger.error({ err: error, method }, "handler failed");
  } else if (error.code === "internal") {
    logger.error({ err: error, cause: error.cause, method }, "handler failed");
  }
  return AppError.from(error);
}
