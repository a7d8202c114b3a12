import { create, encode } from "@fairlead/proto/wire";
import { AppError } from "@fairlead/errors";
import {
  type GenerateResponse,
  type GenerateResponseSchema,
  ProviderFaultSchema,
} from "@fairlead/proto/adapter/v1/adapter";
import { Outcome } from "@fairlead/proto/usage/v1/usage";
import type { ProviderFaultInfo } from "@fairlead/providers";
import type { ServerCall } from "@fairlead/rpc";
import { type BillFacts, toTokens } from "../domain/complete-bill.ts";
import type { CountedUsage } from "../domain/complete-usage.ts";
import type { AnswerReader } from "./answer-reader.ts";

const MICROSECONDS_MAX = 0xffff_ffff;

export type GenerateCall = ServerCall<typeof GenerateResponseSchema>;

export interface AnswerTimes {
  readonly connectMs: number;
  readonly firstTokenMs: number;
  readonly durationMs: number;
}

// Start and End are written out whole: `create` takes longer for them than all else of a message.

/** What an answer that has no head yet says of itself. */
const unknown = { finishReason: "", nativeFinishReason: "", upstreamId: "", responseModel: "" };

export function toStart(
  reader: AnswerReader | undefined,
  times: Omit<AnswerTimes, "durationMs">,
  droppedParameters: readonly string[],
): GenerateResponse {
  return {
    $typeName: "fairlead.adapter.v1.GenerateResponse",
    event: {
      case: "start",
      value: {
        $typeName: "fairlead.adapter.v1.Start",
        upstreamId: reader?.upstreamId ?? "",
        connectUs: toMicroseconds(times.connectMs),
        firstTokenUs: toMicroseconds(times.firstTokenMs),
        droppedParameters: [...droppedParameters],
      },
    },
  };
}

export function toEnd(
  reader: AnswerReader | undefined,
  { usage, source }: CountedUsage,
  durationMs: number,
  fault: ProviderFaultInfo | undefined,
): GenerateResponse {
  const { finishReason, nativeFinishReason, responseModel } = reader ?? unknown;
  return {
    $typeName: "fairlead.adapter.v1.GenerateResponse",
    event: {
      case: "end",
      value: {
        $typeName: "fairlead.adapter.v1.End",
        finishReason: fault === undefined ? (finishReason ?? "") : "error",
        nativeFinishReason,
        usage: toTokens(usage, source),
        durationUs: toMicroseconds(durationMs),
        fault: fault === undefined ? undefined : create(ProviderFaultSchema, fault),
        responseModel,
      },
    },
  };
}

export function toBill(
  reader: AnswerReader | undefined,
  outcome: Outcome,
  { usage, source }: CountedUsage,
  times: Omit<AnswerTimes, "connectMs">,
): BillFacts {
  const { finishReason, nativeFinishReason, upstreamId } = reader ?? unknown;
  return {
    usage,
    source,
    outcome,
    finishReason: outcome === Outcome.FAILED ? "error" : (finishReason ?? ""),
    nativeFinishReason,
    upstreamId,
    firstTokenMs: times.firstTokenMs,
    durationMs: times.durationMs,
  };
}

/** Ends a call without content: an error for whoever gave it, the whole fault for the gateway. */
export function failCall(call: GenerateCall, fault: ProviderFaultInfo): void {
  const error = new AppError(fault.code, fault.message, {
    ...(fault.param !== "" && { param: fault.param }),
    ...(fault.retryAfterMs > 0 && { retryAfterMs: fault.retryAfterMs }),
  });
  call.fail(error, encode(ProviderFaultSchema, fault));
}

/** At most what the field holds: an answer may take longer than its 71 minutes. */
function toMicroseconds(ms: number): number {
  return Math.min(Math.round(ms * 1_000), MICROSECONDS_MAX);
}
