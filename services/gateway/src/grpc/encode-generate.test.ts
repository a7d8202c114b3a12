import { create, fromBinary } from "@bufbuild/protobuf";
import { Dialect, GenerateRequestSchema } from "@fairlead/proto/adapter/v1/adapter";
import { CandidateSchema } from "@fairlead/proto/router/v1/router";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeGenerate } from "./encode-generate.ts";

const candidate = create(CandidateSchema, {
  endpointId: "0123456789abcdef",
  provider: "acme",
  providerName: "Acme ü",
  model: "acme/model",
  upstreamModel: "model",
  unsupportedParameters: ["top_k", "seed"],
  timeouts: { connectMs: 1, totalMs: 600_000 },
  maxCompletionTokens: 8_192n,
  isReasoning: true,
});

describe("encodeGenerate", () => {
  it("is read by protobuf-es as what was meant, whatever the values", () => {
    const fields = fc.record({
      generationId: fc.string(),
      attempt: fc.integer({ min: 1, max: 4 }),
      isStream: fc.boolean(),
      body: fc.uint8Array({ maxLength: 2_000 }),
      maxTokens: fc.nat(),
      created: fc.integer({ min: 0, max: 4_102_444_800 }),
      usageTemplate: fc.uint8Array(),
    });
    fc.assert(
      fc.property(fields, (values) => {
        const decoded = fromBinary(
          GenerateRequestSchema,
          new Uint8Array(encodeGenerate(candidate, values)),
        );
        expect(decoded).toEqual(
          create(GenerateRequestSchema, {
            generationId: new TextDecoder().decode(new TextEncoder().encode(values.generationId)),
            attempt: values.attempt,
            dialect: Dialect.CHAT,
            stream: values.isStream,
            endpointId: candidate.endpointId,
            provider: candidate.provider,
            providerName: candidate.providerName,
            model: candidate.model,
            upstreamModel: candidate.upstreamModel,
            body: values.body,
            maxTokens: BigInt(values.maxTokens),
            unsupportedParameters: candidate.unsupportedParameters,
            ...(candidate.timeouts && { timeouts: candidate.timeouts }),
            created: BigInt(values.created),
            usageTemplate: values.usageTemplate,
            maxCompletionTokens: candidate.maxCompletionTokens,
            isReasoning: candidate.isReasoning,
          }),
        );
      }),
    );
  });
});
