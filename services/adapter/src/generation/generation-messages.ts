import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { AppError } from "@fairlead/errors";
import {
  type GenerateResponseSchema,
  ProviderFaultSchema,
} from "@fairlead/proto/adapter/v1/adapter";
import { Outcome } from "@fairlead/proto/usage/v1/usage";
import type { ProviderFaultInfo } from "@fairlead/providers";
import type { ServerCall } from "@fairlead/rpc";
import { type BillFacts, toTokens } from "../domain/complete-bill.ts";
import type { CountedUsage } from "../domain/complete-usage.ts";
import type { AnswerReader } from "./answer-reader.ts";

export type GenerateCall = ServerCall<typeof GenerateResponseSchema>;
type Message = MessageInitShape<typeof GenerateResponseSchema>;

export interface AnswerTimes {
  readonly connectMs: number;
  readonly firstTokenMs: number;
  readonly durationMs: number;
}

/** What an answer that has no head yet says of itself. */
const unknown = { finishReason: "", nativeFinishReason: "", upstreamId: "", responseModel: "" };

export function toStart(
  reader: AnswerReader | undefined,
  times: Omit<AnswerTimes, "durationMs">,
  droppedParameters: readonly string[],
): Message {
  return {
    event: {
      case: "start",
      value: {
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
): Message {
  const { finishReason, nativeFinishReason, responseModel } = reader ?? unknown;
  return {
    event: {
      case: "end",
      value: {
        finishReason: fault === undefined ? (finishReason ?? "") : "error",
        nativeFinishReason,
        usage: toTokens(usage, source),
        durationUs: toMicroseconds(durationMs),
        ...(fault !== undefined && { fault }),
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
  call.fail(error, toBinary(ProviderFaultSchema, create(ProviderFaultSchema, fault)));
}

function toMicroseconds(ms: number): number {
  return Math.round(ms * 1_000);
}
