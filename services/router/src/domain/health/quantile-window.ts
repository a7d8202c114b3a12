/** Each bucket's upper bound is this much above its lower: quantiles are within ±7 %. */
const growth = 1.15;
const bucketCount = 100;
const logGrowth = Math.log(growth);

/**
 * Quantiles of a positive figure over the last minutes: a histogram of logarithmic buckets for each
 * slot of time. Holds 1 to about 1,000,000 (milliseconds, tokens/s × 10, …) in bounded memory.
 */
export class QuantileWindow {
  readonly #slotMs: number;
  readonly #slots: number;
  readonly #counts: Uint16Array;
  readonly #numbers: Float64Array;

  constructor(slotMs: number, slots: number) {
    this.#slotMs = slotMs;
    this.#slots = slots;
    this.#counts = new Uint16Array(slots * bucketCount);
    this.#numbers = new Float64Array(slots).fill(-1);
  }

  add(value: number, atMs: number): void {
    const number = Math.floor(atMs / this.#slotMs);
    const position = number % this.#slots;
    const held = this.#numbers[position] ?? -1;
    if (held > number) {
      return;
    }
    if (held < number) {
      this.#numbers[position] = number;
      this.#counts.fill(0, position * bucketCount, (position + 1) * bucketCount);
    }
    const index = position * bucketCount + toBucket(value);
    const count = this.#counts[index] ?? 0;
    // A full bucket stays full: the quantile then leans on the others, which is far from wrong.
    this.#counts[index] = Math.min(65_535, count + 1);
  }

  /** The value of each quantile in the window; undefined without any value. */
  quantiles(windowMs: number, wanted: readonly number[], nowMs: number): number[] | undefined {
    const merged = this.#merge(windowMs, nowMs);
    const total = merged.reduce((sum, count) => sum + count, 0);
    return total === 0
      ? undefined
      : wanted.map((quantile) => findQuantile(merged, quantile * total));
  }

  #merge(windowMs: number, nowMs: number): Float64Array {
    const merged = new Float64Array(bucketCount);
    const newest = Math.floor(nowMs / this.#slotMs);
    const oldest = newest - Math.round(windowMs / this.#slotMs) + 1;
    for (let position = 0; position < this.#slots; position += 1) {
      const number = this.#numbers[position] ?? -1;
      if (number < oldest || number > newest) {
        continue;
      }
      for (let bucket = 0; bucket < bucketCount; bucket += 1) {
        const count = this.#counts[position * bucketCount + bucket] ?? 0;
        merged[bucket] = (merged[bucket] ?? 0) + count;
      }
    }
    return merged;
  }
}

function toBucket(value: number): number {
  const bucket = value <= 1 ? 0 : Math.ceil(Math.log(value) / logGrowth);
  return Math.min(bucketCount - 1, bucket);
}

function findQuantile(counts: Float64Array, rank: number): number {
  let below = 0;
  for (let bucket = 0; bucket < bucketCount; bucket += 1) {
    below += counts[bucket] ?? 0;
    if (below >= rank && below > 0) {
      return growth ** (bucket - 0.5);
    }
  }
  return growth ** (bucketCount - 1);
}
