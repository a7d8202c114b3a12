import { encode, WireWriter } from "@fairlead/proto/wire";
import { WireType } from "@bufbuild/protobuf/wire";
import { Dialect, GenerateRequestSchema } from "@fairlead/proto/adapter/v1/adapter";
import type { Candidate } from "@fairlead/proto/router/v1/router";

/** What a GenerateRequest says beside its candidate. */
export interface GenerateFields {
  readonly generationId: string;
  /** From 1. */
  readonly attempt: number;
  readonly isStream: boolean;
  readonly body: Uint8Array;
  /** 0 leaves the client's own. */
  readonly maxTokens: number;
  /** Unix seconds. */
  readonly created: number;
  readonly usageTemplate: Uint8Array;
}

const { field } = GenerateRequestSchema;
const tags = {
  generationId: tag(field.generationId.number, WireType.LengthDelimited),
  attempt: tag(field.attempt.number, WireType.Varint),
  stream: tag(field.stream.number, WireType.Varint),
  body: tag(field.body.number, WireType.LengthDelimited),
  maxTokens: tag(field.maxTokens.number, WireType.Varint),
  created: tag(field.created.number, WireType.Varint),
  usageTemplate: tag(field.usageTemplate.number, WireType.LengthDelimited),
};

const writer = new WireWriter();

/** The part of a request that is the same for every attempt on a candidate. */
const candidateParts = new WeakMap<Candidate, Uint8Array>();

/** A GenerateRequest as bytes: what concerns the candidate is encoded once for all requests. */
export function encodeGenerate(candidate: Candidate, fields: GenerateFields): Uint8Array {
  writer.reset();
  writer.raw(partOf(candidate));
  writer.string(tags.generationId, fields.generationId);
  writer.uint32(tags.attempt, fields.attempt);
  writer.bytes(tags.body, fields.body);
  writer.int64(tags.created, BigInt(fields.created));
  writer.bytes(tags.usageTemplate, fields.usageTemplate);
  if (fields.isStream) {
    writer.bool(tags.stream, true);
  }
  if (fields.maxTokens > 0) {
    writer.int64(tags.maxTokens, BigInt(fields.maxTokens));
  }
  return writer.finish();
}

function partOf(candidate: Candidate): Uint8Array {
  let part = candidateParts.get(candidate);
  if (part === undefined) {
    part = encode(GenerateRequestSchema, {
      dialect: Dialect.CHAT,
      endpointId: candidate.endpointId,
      provider: candidate.provider,
      providerName: candidate.providerName,
      model: candidate.model,
      upstreamModel: candidate.upstreamModel,
      unsupportedParameters: candidate.unsupportedParameters,
      maxCompletionTokens: candidate.maxCompletionTokens,
      isReasoning: candidate.isReasoning,
      ...(candidate.timeouts && { timeouts: candidate.timeouts }),
    });
    candidateParts.set(candidate, part);
  }
  return part;
}

function tag(number: number, type: WireType): number {
  return (number << 3) | type;
}
