import { setTimeout as delay } from "node:timers/promises";
import { type Books, readBooks, readServed, type Served } from "./books.ts";

/** Between two looks that must agree: bills are gathered for milliseconds, not for so long. */
const CALM_MS = 1_000;

export interface Settled {
  readonly books: Books;
  readonly served: Served;
}

/**
 * Waits until the simulator has ended every answer, each generation of which it wrote something has
 * a bill, also those whose gateway died (the worker bills them after its grace), and two looks
 * agree. Nobody's bill is waited for that is in `excused`. What never gets its bill is handed over
 * all the same when the time is over: the caller says what is missing.
 */
export async function settleBooks(
  postgresUrl: string,
  simulatorUrl: string,
  timeoutMs: number,
  excused: ReadonlySet<string> = new Set(),
): Promise<Settled> {
  const deadlineMs = Date.now() + timeoutMs;
  let before: Settled | undefined;
  for (;;) {
    const now = await look(postgresUrl, simulatorUrl);
    const isOver = Date.now() > deadlineMs;
    if (
      now !== undefined &&
      (isOver || (isSettled(now, excused) && before !== undefined && agree(before, now)))
    ) {
      return now;
    }
    before = now;
    await delay(CALM_MS);
  }
}

/**
 * What was served first, so that no bill is missed that came in between; undefined while Postgres
 * is away.
 */
async function look(postgresUrl: string, simulatorUrl: string): Promise<Settled | undefined> {
  const served = await readServed(simulatorUrl);
  const books = await readBooks(postgresUrl).catch(() => undefined);
  return books && { books, served };
}

function isSettled({ books, served }: Settled, excused: ReadonlySet<string>): boolean {
  return [...served].every(
    ([generation, { endedAt, completionTokensWritten }]) =>
      endedAt !== null &&
      (completionTokensWritten === 0 || books.bills.has(generation) || excused.has(generation)),
  );
}

function agree(before: Settled, now: Settled): boolean {
  return (
    before.served.size === now.served.size &&
    before.books.bills.size === now.books.bills.size &&
    before.books.usageNano === now.books.usageNano
  );
}
