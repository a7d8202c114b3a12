import { decode, WireReader } from "@fairlead/proto/wire";
import { WireType } from "@bufbuild/protobuf/wire";
import {
  type Candidate,
  CandidateSchema,
  type PlanResponse,
  PlanResponseSchema,
} from "@fairlead/proto/router/v1/router";

/** Candidates kept decoded: those of every endpoint in use. Beyond it, all are forgotten. */
const CANDIDATES_MAX = 20_000;
const CANDIDATE_TAG = (PlanResponseSchema.field.candidates.number << 3) | WireType.LengthDelimited;

/**
 * Decodes plans. The same endpoint comes in plan after plan as the same bytes: each is decoded
 * once, and is the same frozen object from then on, so that what is derived from it can be kept
 * by its identity.
 */
export class PlanDecoder {
  readonly #candidates = new Map<string, Candidate>();

  decode(bytes: Uint8Array): PlanResponse {
    const reader = new WireReader(bytes);
    const candidates: Candidate[] = [];
    const rest: Uint8Array[] = [];
    while (reader.position < bytes.length) {
      const start = reader.position;
      const tag = reader.uint32();
      if (tag === CANDIDATE_TAG) {
        candidates.push(this.#candidate(reader.bytes()));
      } else {
        reader.skip(tag);
        rest.push(bytes.subarray(start, reader.position));
      }
    }
    const plan = decode(PlanResponseSchema, Buffer.concat(rest));
    plan.candidates = candidates;
    return plan;
  }

  #candidate(bytes: Uint8Array): Candidate {
    const key = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
    let candidate = this.#candidates.get(key);
    if (candidate === undefined) {
      if (this.#candidates.size >= CANDIDATES_MAX) {
        this.#candidates.clear();
      }
      candidate = Object.freeze(decode(CandidateSchema, bytes));
      this.#candidates.set(key, candidate);
    }
    return candidate;
  }
}
