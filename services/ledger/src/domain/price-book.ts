import { priceVersion } from "@fairlead/pricing";
import type { Price, Rates } from "@fairlead/proto/pricing/v1/price";

const VERSIONS_MAX = 20_000;

/**
 * The prices that this process has met, by their true version. It saves a digest for each event,
 * and the store a row for each.
 */
export class PriceBook {
  readonly #known = new Map<string, Price>();

  /** The version of the price's rates, whatever the event calls it. Throws on negative rates. */
  identify(price: Price): string {
    const known = this.#known.get(price.version);
    if (known !== undefined && hasSameRates(known, price)) {
      return price.version;
    }
    return priceVersion(price.rates ?? {}, price.tiers);
  }

  has(version: string): boolean {
    return this.#known.has(version);
  }

  /** To be called once the price is stored. */
  remember(version: string, price: Price): void {
    if (this.#known.size >= VERSIONS_MAX) {
      this.#known.clear();
    }
    this.#known.set(version, price);
  }
}

function hasSameRates(left: Price, right: Price): boolean {
  if (!isSame(left.rates, right.rates) || left.tiers.length !== right.tiers.length) {
    return false;
  }
  return left.tiers.every((tier, index) => {
    const other = right.tiers[index];
    return tier.minPromptTokens === other?.minPromptTokens && isSame(tier.rates, other.rates);
  });
}

function isSame(left: Rates | undefined, right: Rates | undefined): boolean {
  return (
    left?.promptPico === right?.promptPico &&
    left?.completionPico === right?.completionPico &&
    left?.cacheReadPico === right?.cacheReadPico &&
    left?.cacheWritePico === right?.cacheWritePico &&
    left?.reasoningPico === right?.reasoningPico &&
    left?.audioInputPico === right?.audioInputPico &&
    left?.audioOutputPico === right?.audioOutputPico &&
    left?.imageInputPico === right?.imageInputPico &&
    left?.requestPico === right?.requestPico &&
    left?.cacheWrite1hPico === right?.cacheWrite1hPico
  );
}
