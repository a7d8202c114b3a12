import { codes, type ErrorCode } from "./codes.ts";

export interface AppErrorOptions {
  /** The request field at fault, as a JSON path such as `messages[0].role`. */
  readonly param?: string;
  /** Structured facts for the client: previous attempts, limits, the provider's code. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** When to try again, in milliseconds. */
  readonly retryAfterMs?: number;
  /** For logs only; never sent to a peer. */
  readonly cause?: unknown;
}

/**
 * The one error type that crosses a module's or a process's border. Its message is written for the
 * client: it names the field and the remedy. Everything internal goes into `cause`.
 */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: ErrorCode;
  readonly param: string | undefined;
  readonly metadata: Readonly<Record<string, unknown>> | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.param = options.param;
    this.metadata = options.metadata;
    this.retryAfterMs = options.retryAfterMs;
  }

  get isRetryable(): boolean {
    return codes[this.code].isRetryable;
  }

  get httpStatus(): number {
    return codes[this.code].http;
  }

  /** The only door from `catch`: what is not ours becomes `internal` with its message hidden. */
  static from(error: unknown): AppError {
    if (error instanceof AppError) {
      return error;
    }
    return new AppError("internal", "Internal error.", { cause: error });
  }
}
