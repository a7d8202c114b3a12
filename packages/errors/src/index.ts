export { AppError, type AppErrorOptions } from "./app-error.ts";
export { type CodeFacts, codes, type ErrorCode, isErrorCode } from "./codes.ts";
