import type { AttemptSummary } from "@fairlead/proto/usage/v1/usage";
import type { AssessedEvent } from "../domain/assess-event.ts";

/** The column `details` of usage_events: what is shown with a generation but never searched. */
export interface UsageDetails {
  readonly finishReason?: string;
  readonly nativeFinishReason?: string;
  readonly upstreamId?: string;
  readonly streamed?: boolean;
  readonly firstTokenMs?: number;
  readonly durationMs?: number;
  readonly sessionId?: string;
  readonly endUser?: string;
  readonly traceparent?: string;
  readonly httpReferer?: string;
  readonly appTitle?: string;
  readonly attempts?: readonly AttemptDetails[];
  /** Cache writes that are kept for an hour: a part of the column cache_write_tokens. */
  readonly cacheWrite1hTokens?: string;
  /** Where the sender stated another cost than was charged: what it stated, nano-USD. */
  readonly statedCostNano?: string;
}

type AttemptDetails = Pick<
  AttemptSummary,
  "endpointId" | "provider" | "status" | "code" | "latencyMs"
>;

/** JSON without the fields that are empty. */
export function encodeDetails({ event, tokens, isMisstated }: AssessedEvent): string {
  return JSON.stringify({
    finishReason: orUndefined(event.finishReason),
    nativeFinishReason: orUndefined(event.nativeFinishReason),
    upstreamId: orUndefined(event.upstreamId),
    streamed: event.streamed || undefined,
    firstTokenMs: event.firstTokenMs,
    durationMs: event.durationMs,
    sessionId: orUndefined(event.sessionId),
    endUser: orUndefined(event.endUser),
    traceparent: orUndefined(event.traceparent),
    httpReferer: orUndefined(event.httpReferer),
    appTitle: orUndefined(event.appTitle),
    attempts: event.attempts.length === 0 ? undefined : event.attempts.map(summarize),
    cacheWrite1hTokens:
      tokens.cacheWrite1hTokens > 0n ? String(tokens.cacheWrite1hTokens) : undefined,
    statedCostNano: isMisstated ? String(event.costNano) : undefined,
  } satisfies { [K in keyof UsageDetails]: UsageDetails[K] | undefined });
}

function summarize(attempt: AttemptSummary): AttemptDetails {
  const { endpointId, provider, status, code, latencyMs } = attempt;
  return { endpointId, provider, status, code, latencyMs };
}

function orUndefined(text: string): string | undefined {
  return text === "" ? undefined : text;
}
