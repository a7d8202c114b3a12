import type { RequestRecord } from "@fairlead/simulator";
import type { Books } from "./books.ts";
import type { Request } from "./load.ts";

/** A stream cut while it is written: the provider may have written a chunk that nobody read. */
const UNREAD_TOKENS_MAX = 4n;
const COMPLETED = 1;

export interface Comparison {
  /** Prompt and completion tokens of the requests that were answered whole. */
  readonly billedTokens: bigint;
  readonly servedTokens: bigint;
  /** Requests that ended before their answer did, and were billed for what came. */
  readonly cut: number;
  /** In words; must be empty. */
  readonly differences: readonly string[];
  /** Answered whole, without a bill; must be empty. */
  readonly unbilled: readonly Request[];
  /** Generations of which the simulator wrote something, and that no bill names. */
  readonly unexplained: readonly string[];
}

/** Holds every bill against what the simulator served for the same generation. */
export function compareBooks(
  { bills }: Books,
  served: ReadonlyMap<string, RequestRecord>,
  requests: readonly Request[],
): Comparison {
  let billedTokens = 0n;
  let servedTokens = 0n;
  let cut = 0;
  const differences: string[] = [];
  for (const [generation, bill] of bills) {
    const record = served.get(generation);
    if (bill.costNano === 0n || record === undefined) {
      continue;
    }
    const tokens = BigInt(record.completionTokensWritten);
    if (bill.outcome !== COMPLETED) {
      cut += 1;
      const unread = tokens - bill.completionTokens;
      if (unread < 0n || unread > UNREAD_TOKENS_MAX) {
        differences.push(`${generation} cut: billed ${bill.completionTokens}, served ${tokens}`);
      }
      continue;
    }
    billedTokens += bill.promptTokens + bill.completionTokens;
    servedTokens += BigInt(record.promptTokens) + tokens;
    if (tokens !== bill.completionTokens || BigInt(record.promptTokens) !== bill.promptTokens) {
      differences.push(`${generation}: billed ${bill.completionTokens}, served ${tokens}`);
    }
  }
  const unbilled = requests.filter(
    (request) => request.isComplete && !bills.has(request.generationId),
  );
  const unexplained = [...served]
    .filter(([generation, it]) => it.completionTokensWritten > 0 && !bills.has(generation))
    .map(([generation]) => generation);
  return { billedTokens, servedTokens, cut, differences, unbilled, unexplained };
}
