import { type AppError, codes } from "@fairlead/errors";

/**
 * The JSON body of a failed request, in the shape that OpenAI's SDKs and OpenRouter's users read.
 */
export interface ErrorBody {
  readonly error: {
    /** The HTTP status. */
    readonly code: number;
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly metadata?: Readonly<Record<string, unknown>>;
  };
}

/** The closed codes' public `error_type`, where it is not the code's own name. */
const errorTypes: Readonly<Record<string, string>> = {
  internal: "server",
  provider_timeout: "timeout",
};

/** The body as JSON text; see `encodeErrorMember`. */
export function encodeError(error: AppError, members = ""): string {
  return `{${encodeErrorMember(error, members)}}`;
}

/**
 * `error` as a member of a JSON object, with `members` after it, each with a comma before it. An
 * internal error is told without them.
 */
export function encodeErrorMember(error: AppError, members: string): string {
  const { error: body } = toErrorBody(error);
  return `"error":${JSON.stringify(body)}${body.code === 500 ? "" : members}`;
}

/** Internal errors are masked: neither message nor metadata leaves the house. */
export function toErrorBody(error: AppError): ErrorBody {
  if (error.httpStatus === 500) {
    return {
      error: {
        code: 500,
        message: "Internal error. Try again; if it stays, contact the operator.",
        type: codes.internal.type,
        param: null,
        metadata: { error_type: "server" },
      },
    };
  }
  return {
    error: {
      code: error.httpStatus,
      message: error.message,
      type: codes[error.code].type,
      param: error.param ?? null,
      metadata: { error_type: errorTypes[error.code] ?? error.code, ...error.metadata },
    },
  };
}
