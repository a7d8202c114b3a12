import type { MessageInitShape } from "@bufbuild/protobuf";
import { encode } from "@fairlead/proto/wire";
import { WireType } from "@bufbuild/protobuf/wire";
import { CandidateSchema } from "@fairlead/proto/router/v1/router";
import type { RoutedEndpoint } from "../domain/catalog/routed-endpoint.ts";
import { namesIn } from "../domain/catalog/vocabulary.ts";
import type { PlannedCandidate } from "../domain/policy/plan-types.ts";

type UnknownField = { no: number; wireType: WireType; data: Uint8Array };

/** Field number of `candidates` in PlanResponse. */
const candidatesField = 1;
/** Sets of dropped parameters are chosen by clients, so their encodings are bounded. */
const variantsMax = 16;

/** The candidate's message. */
export function toCandidateInit(
  { routed, pool }: Pick<PlannedCandidate, "routed" | "pool">,
  unsupportedParameters: string[],
): MessageInitShape<typeof CandidateSchema> {
  const { endpoint } = routed;
  return {
    endpointId: endpoint.id,
    pool,
    provider: endpoint.provider,
    providerName: endpoint.providerName,
    model: endpoint.model,
    upstreamModel: endpoint.upstreamModel,
    price: endpoint.price,
    contextLength: BigInt(endpoint.contextLength),
    maxCompletionTokens: BigInt(endpoint.maxCompletionTokens),
    timeouts: endpoint.timeouts,
    unsupportedParameters,
    isReasoning: routed.isReasoning,
  };
}

/**
 * Encodes each endpoint's candidate once and serves its bytes from then on: the message is the same
 * in every plan but for its pool and its dropped parameters, and protobuf-es takes 4 µs for one. A
 * plan carries them as fields that are written as they are.
 */
export class CandidateEncoder {
  readonly #encoded = new WeakMap<RoutedEndpoint, Map<string, Uint8Array>>();

  encode(candidate: PlannedCandidate, requestParameters: readonly string[]): UnknownField {
    const { routed, pool, unsupported } = candidate;
    let variants = this.#encoded.get(routed);
    if (variants === undefined || variants.size >= variantsMax) {
      variants = new Map();
      this.#encoded.set(routed, variants);
    }
    const key = `${unsupported}|${pool}`;
    let data = variants.get(key);
    if (data === undefined) {
      const names = unsupported === 0 ? [] : namesIn(unsupported, requestParameters);
      data = withLength(encode(CandidateSchema, toCandidateInit(candidate, names)));
      variants.set(key, data);
    }
    return { no: candidatesField, wireType: WireType.LengthDelimited, data };
  }
}

/** A length-delimited field's value: its length as a varint, then its bytes. */
function withLength(bytes: Uint8Array): Uint8Array {
  const length: number[] = [];
  let rest = bytes.length;
  while (rest > 127) {
    length.push((rest & 127) | 128);
    rest >>>= 7;
  }
  length.push(rest);
  const field = new Uint8Array(length.length + bytes.length);
  field.set(length);
  field.set(bytes, length.length);
  return field;
}
