import { expect } from "vitest";
import { readServed, waitForBills } from "../../kill/books.ts";
import { compareBooks, type Comparison } from "../../kill/compare-books.ts";
import type { Request } from "../../kill/load.ts";
import { openPortForward } from "./port-forward.ts";
import type { Release } from "./release.ts";

const BILLS_TIMEOUT_MS = 60_000;

export interface BooksOptions {
  /**
   * Times between which both keepers of a bill, gateway and worker, may have been lost together: an
   * answer that ended then may have no bill, and what was held for it goes to suspense.
   */
  readonly bothLostMs?: readonly [number, number];
}

/**
 * Waits for the bill of every request that was answered whole, and holds the ledger's books against
 * what the simulator served: each token once, sums of zero, balances that are the sum of the bills.
 */
export async function checkBooks(
  release: Release,
  requests: readonly Request[],
  { bothLostMs: [from, to] = [0, 0] }: BooksOptions = {},
): Promise<Comparison> {
  const { name, namespace } = release;
  await using postgres = await openPortForward(namespace, `pod/${name}-postgres-0`, 5432);
  await using simulator = await openPortForward(namespace, `service/${name}-simulator`, 9100);
  const url = new URL(await release.readSecret(`${name}-postgres`, "url"));
  url.host = `127.0.0.1:${postgres.port}`;
  const kept = requests.filter(({ endedAtMs }) => endedAtMs < from || endedAtMs > to);
  const books = await waitForBills(url.href, kept, BILLS_TIMEOUT_MS);
  const served = await readServed(`http://127.0.0.1:${simulator.port}`);
  const comparison = compareBooks(books, served, kept);
  expect(comparison.differences).toEqual([]);
  expect(comparison.unbilled).toEqual([]);
  expect(comparison.billedTokens).toBe(comparison.servedTokens);
  expect(books.imbalanceNano).toBe(0n);
  expect(books.usageNano).toBe(
    [...books.bills.values()].reduce((sum, it) => sum + it.costNano, 0n),
  );
  return comparison;
}
