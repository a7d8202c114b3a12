import type { Outcome, RequestRecord } from "./request-record.ts";

export interface Tally {
  requests: number;
  promptTokens: number;
  completionTokens: number;
}

export type TallyByOutcome = Record<Outcome, Tally>;

export interface Counts {
  /** Requests that have arrived and not ended. */
  readonly inFlight: number;
  readonly total: Tally;
  readonly outcomes: TallyByOutcome;
  readonly models: Readonly<Record<string, TallyByOutcome>>;
}

/** Model names counted on their own; the rest is counted under `*`. */
const MODELS_MAX = 10_000;
const OVERFLOW_MODEL = "*";

export interface Counter {
  add(record: RequestRecord): void;
  snapshot(inFlight: number): Counts;
}

export function createCounter(): Counter {
  const models = new Map<string, TallyByOutcome>();

  function findTallies(model: string): TallyByOutcome {
    const known = models.get(model);
    if (known !== undefined) {
      return known;
    }
    if (models.size >= MODELS_MAX && model !== OVERFLOW_MODEL) {
      return findTallies(OVERFLOW_MODEL);
    }
    const tallies = createTallies();
    models.set(model, tallies);
    return tallies;
  }

  return {
    add: (record) => {
      if (record.outcome !== null) {
        const tally = findTallies(record.model)[record.outcome];
        tally.requests += 1;
        tally.promptTokens += record.promptTokens;
        tally.completionTokens += record.completionTokensWritten;
      }
    },
    snapshot: (inFlight) => {
      const outcomes = createTallies();
      const total = createTally();
      for (const tallies of models.values()) {
        for (const [outcome, tally] of Object.entries(tallies) as [Outcome, Tally][]) {
          addTally(outcomes[outcome], tally);
          addTally(total, tally);
        }
      }
      return { inFlight, total, outcomes, models: structuredClone(Object.fromEntries(models)) };
    },
  };
}

function createTally(): Tally {
  return { requests: 0, promptTokens: 0, completionTokens: 0 };
}

function createTallies(): TallyByOutcome {
  return {
    completed: createTally(),
    cut_by_client: createTally(),
    faulted: createTally(),
    refused: createTally(),
  };
}

function addTally(sum: Tally, tally: Tally): void {
  sum.requests += tally.requests;
  sum.promptTokens += tally.promptTokens;
  sum.completionTokens += tally.completionTokens;
}
