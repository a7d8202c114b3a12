import { type Counter, type Counts, createCounter } from "./counts.ts";
import type { Outcome, RequestRecord } from "./request-record.ts";

/** Bodies kept for looking at what a caller really sent. */
const BODIES_KEPT = 256;
const BODY_BYTES_KEPT_MAX = 1024 * 1024;

export interface RequestLog {
  nextSequence(): number;
  begin(record: RequestRecord, body: Buffer): void;
  /** Ends a record, once; later calls change nothing. */
  settle(record: RequestRecord, outcome: Outcome, now: number): void;
  counts(): Counts;
  /** Records that arrived after `since` (a sequence number), oldest first, at most `limit`. */
  list(since: number, limit: number): RequestRecord[];
  /** The body of one of the last requests, if it is still held. */
  readBody(sequence: number): Buffer | undefined;
  reset(): void;
}

/** Keeps the last `recordsMax` records in a ring, and totals of all that ever ended. */
export function createRequestLog(recordsMax: number): RequestLog {
  let records: RequestRecord[] = [];
  let bodies = new Map<number, Buffer>();
  let counter: Counter = createCounter();
  let sequence = 0;
  let inFlight = 0;
  /** Records of before the last reset do not count when they end. */
  let firstSequence = 1;

  return {
    nextSequence: () => {
      sequence += 1;
      return sequence;
    },
    begin: (record, body) => {
      inFlight += 1;
      records[record.sequence % recordsMax] = record;
      if (body.length <= BODY_BYTES_KEPT_MAX) {
        bodies.set(record.sequence, body);
      }
      bodies.delete(record.sequence - BODIES_KEPT);
    },
    settle: (record, outcome, now) => {
      if (record.outcome !== null || record.sequence < firstSequence) {
        return;
      }
      record.outcome = outcome;
      record.isComplete = outcome === "completed";
      record.endedAt = now;
      inFlight -= 1;
      counter.add(record);
    },
    counts: () => counter.snapshot(inFlight),
    list: (since, limit) => {
      const first = Math.max(since + 1, firstSequence, sequence - recordsMax + 1);
      const found: RequestRecord[] = [];
      for (let next = first; next <= sequence && found.length < limit; next += 1) {
        const record = records[next % recordsMax];
        if (record?.sequence === next) {
          found.push(record);
        }
      }
      return found;
    },
    readBody: (wanted) => bodies.get(wanted),
    reset: () => {
      records = [];
      bodies = new Map();
      counter = createCounter();
      inFlight = 0;
      firstSequence = sequence + 1;
    },
  };
}
