import type { Logger } from "@fairlead/kit";
import type { Meter } from "@opentelemetry/api";
import type { BooksReader, LeaseTotal, Waiting } from "../store/books-reader.ts";

/** How often the small totals are read, and how often those of all accounts and entries. */
const PERIOD_MS = 15_000;
const AUDIT_PERIOD_MS = 60_000;

export interface WatchBooksOptions {
  readonly reader: BooksReader;
  readonly meter: Meter;
  readonly logger: Logger;
  /** Unix milliseconds. */
  readonly now: () => number;
}

interface Totals {
  balances: ReadonlyMap<string, bigint>;
  leases: readonly LeaseTotal[];
  waiting: Waiting | undefined;
  imbalance: ReadonlyMap<"balances" | "entries", bigint>;
  readAtMs: number;
}

/**
 * Reports what is in the books: read every 15 s, and whether they sum to zero every 60 s. While
 * they cannot be read the last figures stand, with the time of their reading beside them. Every
 * replica reports the same: take the maximum, not the sum. Returns how to stop.
 */
export function watchBooks({ reader, meter, logger, now }: WatchBooksOptions): () => void {
  const totals: Totals = {
    balances: new Map(),
    leases: [],
    waiting: undefined,
    imbalance: new Map(),
    readAtMs: 0,
  };
  let auditedAtMs = Number.NEGATIVE_INFINITY;
  let isReading = false;

  async function read(): Promise<void> {
    const nowMs = now();
    if (nowMs - auditedAtMs >= AUDIT_PERIOD_MS) {
      const balances = await reader.readAllBalances();
      totals.imbalance = new Map([
        ["balances", [...balances.values()].reduce((sum, nano) => sum + nano, 0n)],
        ["entries", await reader.readEntriesImbalance()],
      ]);
      totals.balances = balances;
      auditedAtMs = nowMs;
    }
    totals.balances = new Map([...totals.balances, ...(await reader.readPlatform())]);
    totals.leases = await reader.readLeases();
    totals.waiting = await reader.readWaiting();
    totals.readAtMs = nowMs;
  }

  async function readSafely(): Promise<void> {
    if (isReading) {
      return;
    }
    isReading = true;
    try {
      await read();
    } catch (error) {
      logger.warn({ error }, "the books could not be read for their metrics; trying again");
    } finally {
      isReading = false;
    }
  }

  observe(meter, totals);
  const timer = setInterval(() => void readSafely(), PERIOD_MS);
  timer.unref();
  void readSafely();
  return () => clearInterval(timer);
}

function observe(meter: Meter, totals: Totals): void {
  const gauge = (name: string, unit: string, description: string) =>
    meter.createObservableGauge(`fairlead.ledger.${name}`, { unit, description });
  gauge("balance", "nUSD", "Balance of each book; those of customers are added up").addCallback(
    (result) => {
      for (const [book, nano] of totals.balances) {
        result.observe(Number(nano), { book });
      }
    },
  );
  gauge("imbalance", "nUSD", "By how much balances or newest entries fail to sum to 0").addCallback(
    (result) => {
      for (const [kind, nano] of totals.imbalance) {
        result.observe(Number(nano), { kind });
      }
    },
  );
  gauge("leases", "{lease}", "Leases that are not closed").addCallback((result) => {
    for (const { state, leases } of totals.leases) {
      result.observe(leases, { state });
    }
  });
  gauge(
    "leases.amount",
    "nUSD",
    "What leases hold and have neither spent nor given back",
  ).addCallback((result) => {
    for (const { state, amountNano } of totals.leases) {
      result.observe(Number(amountNano), { state });
    }
  });
  const waiting = (
    name: string,
    unit: string,
    description: string,
    pick: (it: Waiting) => number,
  ) =>
    gauge(name, unit, description).addCallback((result) => {
      if (totals.waiting !== undefined) {
        result.observe(pick(totals.waiting));
      }
    });
  waiting("outbox.depth", "{message}", "Announcements not sent, to 10,000", (it) => it.outbox);
  waiting("outbox.age", "s", "Age of the oldest one", (it) => it.outboxAgeSeconds);
  waiting("poison", "{event}", "Events put aside, to 10,000", (it) => it.poison);
  gauge("books.read", "s", "Unix time at which the figures of the books were read").addCallback(
    (result) => result.observe(totals.readAtMs / 1_000),
  );
}
