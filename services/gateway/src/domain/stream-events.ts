import type { AppError } from "@fairlead/errors";

/** What every chunk of one answer repeats. */
export interface AnswerIdentity {
  /** `gen-…` */
  readonly id: string;
  /** Unix seconds. */
  readonly created: number;
  readonly model: string;
  readonly providerName: string;
}

/** The end of a good stream: one chunk of usage, then the mark that nothing follows. */
export function formatUsageEvents(identity: AnswerIdentity, usage: string): string {
  return `data: ${openChunk(identity)},"choices":[],"usage":${usage}}\n\ndata: [DONE]\n\n`;
}

/** The end of a stream that failed: no usage, no mark of completion. */
export function formatErrorEvent(identity: AnswerIdentity, error: AppError): string {
  const body = JSON.stringify({
    code: error.httpStatus,
    message: error.message,
    metadata: { error_type: error.code, ...error.metadata },
  });
  return `data: ${openChunk(identity)},"error":${body},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}\n\n`;
}

function openChunk({ id, created, model, providerName }: AnswerIdentity): string {
  return (
    `{"id":"${id}","object":"chat.completion.chunk","created":${created}` +
    `,"model":${JSON.stringify(model)},"provider":${JSON.stringify(providerName)}`
  );
}
