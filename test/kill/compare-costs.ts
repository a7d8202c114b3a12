import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import type { Bill } from "./books.ts";
import type { Settled } from "./settle-books.ts";

const COMPLETED = 1;
const FAILED = 3;
const PICO_PER_NANO = 1_000n;

/** The parts of a catalog file that say what a token costs, in USD per million. */
const catalogShape = z.object({
  providers: z.array(
    z.object({
      id: z.string(),
      models: z.array(
        z.object({
          id: z.string(),
          price: z.object({ prompt: z.string(), completion: z.string() }),
        }),
      ),
    }),
  ),
});

/** Pico-USD for a token. */
interface Price {
  readonly promptPico: bigint;
  readonly completionPico: bigint;
}

export interface CostComparison {
  /**
   * Of the answers that are billed as whole, in nano-USD: by the ledger, and by the simulator's
   * count.
   */
  readonly billedNano: bigint;
  readonly servedNano: bigint;
  /** Bills that are not the price of their own tokens, in words; must be empty. */
  readonly wrongPrices: readonly string[];
  /** Billed, and never served; must be empty. */
  readonly unserved: readonly string[];
  /** Served, and billed at nothing, since the answer broke off after content. */
  readonly unpaid: readonly string[];
  readonly unpaidTokens: number;
}

/**
 * Prices what the simulator served by the catalog file, and holds the ledger's money against it.
 */
export function compareCosts({ books, served }: Settled, catalogPath: string): CostComparison {
  const prices = readPrices(catalogPath);
  const price = (bill: Bill, promptTokens: bigint, completionTokens: bigint) => {
    const found = prices.get(`${bill.provider} ${bill.model}`);
    if (found === undefined) {
      throw new Error(`no price of ${bill.model} at ${bill.provider} in ${catalogPath}`);
    }
    const pico = promptTokens * found.promptPico + completionTokens * found.completionPico;
    return (pico + PICO_PER_NANO - 1n) / PICO_PER_NANO;
  };
  let billedNano = 0n;
  let servedNano = 0n;
  let unpaidTokens = 0;
  const wrongPrices: string[] = [];
  const unserved: string[] = [];
  const unpaid: string[] = [];
  for (const [generation, bill] of books.bills) {
    const record = served.get(generation);
    if (bill.outcome === FAILED) {
      if (bill.costNano !== 0n) {
        wrongPrices.push(`${generation} failed: billed ${bill.costNano} nano-USD`);
      }
      if (record !== undefined && record.completionTokensWritten > 0) {
        unpaid.push(generation);
        unpaidTokens += record.completionTokensWritten;
      }
      continue;
    }
    if (record === undefined) {
      unserved.push(generation);
      continue;
    }
    const own = price(bill, bill.promptTokens, bill.completionTokens);
    if (own !== bill.costNano) {
      wrongPrices.push(`${generation}: billed ${bill.costNano} nano-USD, its tokens cost ${own}`);
    }
    if (bill.outcome === COMPLETED) {
      const { promptTokens, completionTokensWritten } = record;
      billedNano += bill.costNano;
      servedNano += price(bill, BigInt(promptTokens), BigInt(completionTokensWritten));
    }
  }
  return { billedNano, servedNano, wrongPrices, unserved, unpaid, unpaidTokens };
}

/** By `provider model`. USD for a million tokens are as many pico-USD for one, times a million. */
function readPrices(catalogPath: string): ReadonlyMap<string, Price> {
  const pico = (usdPerMillion: string) => BigInt(Math.round(Number(usdPerMillion) * 1_000_000));
  const { providers } = catalogShape.parse(parse(readFileSync(catalogPath, "utf8")));
  return new Map(
    providers.flatMap(({ id, models }) =>
      models.map((model) => [
        `${id} ${model.id}`,
        { promptPico: pico(model.price.prompt), completionPico: pico(model.price.completion) },
      ]),
    ),
  );
}
