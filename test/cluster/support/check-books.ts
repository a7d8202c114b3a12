import { expect } from "vitest";
import { compareBooks, type Comparison } from "../../kill/compare-books.ts";
import type { Request } from "../../kill/load.ts";
import { settleBooks } from "../../kill/settle-books.ts";
import { openPortForward } from "./port-forward.ts";
import type { Release } from "./release.ts";

const BILLS_TIMEOUT_MS = 60_000;

/**
 * Waits for the bill of every answer, and holds the ledger's books against what the simulator
 * served: each token once, sums of zero, balances that are the sum of the bills. A generation in
 * `excused` may have no bill, for both its keepers, gateway and worker, were lost together: what
 * was held for it goes to suspense.
 */
export async function checkBooks(
  release: Release,
  requests: readonly Request[],
  excused: ReadonlySet<string> = new Set(),
): Promise<Comparison> {
  const { name, namespace } = release;
  await using postgres = await openPortForward(namespace, `pod/${name}-postgres-0`, 5432);
  await using simulator = await openPortForward(namespace, `service/${name}-simulator`, 9100);
  const url = new URL(await release.readSecret(`${name}-postgres`, "url"));
  url.host = `127.0.0.1:${postgres.port}`;
  const { books, served } = await settleBooks(
    url.href,
    `http://127.0.0.1:${simulator.port}`,
    BILLS_TIMEOUT_MS,
    excused,
  );
  const isDue = (generation: string): boolean => !excused.has(generation);
  const due = requests.filter(({ generationId }) => isDue(generationId));
  const comparison = compareBooks(books, served, due);
  expect(comparison.differences).toEqual([]);
  expect(comparison.unbilled).toEqual([]);
  expect(comparison.billedTokens).toBe(comparison.servedTokens);
  expect(books.imbalanceNano).toBe(0n);
  expect(books.usageNano).toBe(
    [...books.bills.values()].reduce((sum, it) => sum + it.costNano, 0n),
  );
  return { ...comparison, unexplained: comparison.unexplained.filter(isDue) };
}
