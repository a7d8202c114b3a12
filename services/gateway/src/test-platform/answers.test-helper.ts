import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { encode } from "@fairlead/proto/wire";
import { AppError } from "@fairlead/errors";
import { type GenerateRequest, ProviderFaultSchema } from "@fairlead/proto/adapter/v1/adapter";
import { PriceSchema } from "@fairlead/proto/pricing/v1/price";
import { type Candidate, CandidateSchema } from "@fairlead/proto/router/v1/router";
import { UsageSource } from "@fairlead/proto/usage/v1/usage";
import type { GenerateCall } from "./state.test-helper.ts";

/** $1 per million prompt tokens, $2 per million completion tokens. */
export function candidate(
  provider: string,
  facts: MessageInitShape<typeof CandidateSchema> = {},
): Candidate {
  return create(CandidateSchema, {
    endpointId: `endpoint-${provider}`,
    pool: "default",
    provider,
    providerName: provider.toUpperCase(),
    model: "acme/one",
    upstreamModel: "one",
    contextLength: 100_000n,
    maxCompletionTokens: 1_000n,
    price: create(PriceSchema, {
      version: "v1",
      rates: { promptPico: 1_000_000n, completionPico: 2_000_000n },
    }),
    ...facts,
  });
}

/** A worker's good answer: two pieces of content, 10 prompt and 5 completion tokens. */
export function answerWell(request: GenerateRequest, call: GenerateCall): void {
  call.send({ event: { case: "start", value: { upstreamId: "up-1", firstTokenUs: 100 } } });
  if (request.stream) {
    call.send(Buffer.from('data: {"choices":[{"delta":{"content":"he"}}]}\n\n'));
    call.send(Buffer.from('data: {"choices":[{"delta":{"content":"y"}}]}\n\n'));
  } else {
    call.send(Buffer.from(`{"id":"${request.generationId}","choices":[]`));
  }
  endWell(call);
}

export function endWell(call: GenerateCall, completionTokens = 5n, finishReason = "stop"): void {
  const usage = { promptTokens: 10n, completionTokens, source: UsageSource.PROVIDER };
  call.send({ event: { case: "end", value: { finishReason, usage } } });
  call.end();
}

export function failWith(
  call: GenerateCall,
  facts: MessageInitShape<typeof ProviderFaultSchema>,
): void {
  const fault = create(ProviderFaultSchema, {
    code: "provider_unavailable",
    httpStatus: 500,
    message: "boom",
    isRetryable: true,
    ...facts,
  });
  call.fail(new AppError("provider_unavailable", "boom"), encode(ProviderFaultSchema, fault));
}
