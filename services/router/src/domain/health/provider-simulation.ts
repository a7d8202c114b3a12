import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { AttemptBatchSchema, type AttemptSchema } from "@fairlead/proto/events/v1/events";
import type { PlanRequestSchema } from "@fairlead/proto/router/v1/router";
import { createFixture, type EndpointFacts, seededRandom } from "../policy/plan-fixture.ts";

/** What a provider does with a request at a moment of the virtual clock. */
export type Behaviour = (
  nowMs: number,
  random: () => number,
) => { readonly status: number; readonly firstTokenMs: number };

export interface SimulatedProvider extends EndpointFacts {
  readonly behave: Behaviour;
}

export interface Simulation {
  readonly requests: number;
  readonly succeeded: number;
  readonly attempts: number;
  readonly attemptsOf: ReadonlyMap<string, readonly number[]>;
  readonly firstTokensMs: readonly number[];
}

export interface SimulationOptions {
  readonly seed: number;
  readonly durationMs: number;
  readonly requestsPerSecond: number;
  readonly attemptsMax: number;
  readonly request?: MessageInitShape<typeof PlanRequestSchema>;
}

export const works: Behaviour = () => ({ status: 200, firstTokenMs: 100 });

/**
 * Providers, the real policy and the real health registry on one virtual clock: one seed, one run.
 */
export function simulate(
  providers: readonly SimulatedProvider[],
  options: SimulationOptions,
): Simulation {
  const fixture = createFixture(providers, options.seed);
  const random = seededRandom(options.seed + 1);
  const behaviours = new Map(providers.map(({ provider, behave }) => [provider, behave]));
  const attemptsOf = new Map(providers.map(({ provider }) => [provider, [] as number[]]));
  const firstTokensMs: number[] = [];
  const pending: { readonly atMs: number; readonly apply: () => void }[] = [];
  let succeeded = 0;
  let attempts = 0;
  let requests = 0;
  const stepMs = 1_000 / options.requestsPerSecond;
  for (let nowMs = 0; nowMs < options.durationMs; nowMs += stepMs) {
    while ((pending[0]?.atMs ?? Number.POSITIVE_INFINITY) <= nowMs) {
      pending.shift()?.apply();
    }
    requests += 1;
    const planned = fixture.run(options.request ?? {}, nowMs);
    if (planned.canary !== undefined) {
      fixture.health.sendCanary(planned.canary, nowMs);
    }
    let atMs = nowMs;
    for (const { routed } of planned.candidates.slice(0, options.attemptsMax)) {
      const { id, provider } = routed.endpoint;
      attempts += 1;
      attemptsOf.get(provider)?.push(nowMs);
      const answer = (behaviours.get(provider) ?? works)(nowMs, random);
      atMs += answer.firstTokenMs;
      const endedMs = atMs;
      const event = toAttempt(answer, endedMs);
      const batch = create(AttemptBatchSchema, { endpointId: id, attempts: [event] });
      pending.push({ atMs: endedMs, apply: () => fixture.health.recordAttempts(batch, endedMs) });
      if (answer.status === 200) {
        succeeded += 1;
        firstTokensMs.push(atMs - nowMs);
        break;
      }
    }
    pending.sort((a, b) => a.atMs - b.atMs);
  }
  return { requests, succeeded, attempts, attemptsOf, firstTokensMs };
}

function toAttempt(
  { status, firstTokenMs }: ReturnType<Behaviour>,
  atMs: number,
): MessageInitShape<typeof AttemptSchema> {
  const isSuccess = status === 200;
  return {
    atMs: BigInt(Math.round(atMs)),
    isSuccess,
    firstTokenMs: isSuccess ? firstTokenMs : 0,
    durationMs: firstTokenMs,
    ...(!isSuccess && { fault: { httpStatus: status, isEndpointFault: status !== 429 } }),
  };
}
