/** Values below this are counted exactly; above, to within 1/128. */
const EXACT_MAX = 256;
const PRECISION_BITS = 7;
const BUCKETS = 26 * (1 << PRECISION_BITS);

/** What a histogram is when it travels between processes. */
export interface HistogramData {
  /** Pairs of bucket and count, empty ones left out. */
  readonly buckets: readonly (readonly [number, number])[];
  readonly max: number;
}

/**
 * Counts whole numbers (microseconds) in buckets of constant relative width, without allocating.
 */
export class Histogram {
  readonly #counts = new Uint32Array(BUCKETS);
  #total = 0;
  #max = 0;

  static from(data: HistogramData): Histogram {
    const histogram = new Histogram();
    histogram.add(data);
    return histogram;
  }

  get total(): number {
    return this.#total;
  }

  get max(): number {
    return this.#max;
  }

  record(value: number): void {
    const whole = Math.max(0, Math.round(value));
    const bucket = findBucket(whole);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#total += 1;
    this.#max = Math.max(this.#max, whole);
  }

  add({ buckets, max }: HistogramData): void {
    for (const [bucket, count] of buckets) {
      this.#counts[bucket] = (this.#counts[bucket] ?? 0) + count;
      this.#total += count;
    }
    this.#max = Math.max(this.#max, max);
  }

  /** The smallest value that this share (0 to 1) of all values does not exceed; 0 when empty. */
  percentile(share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.#total));
    let seen = 0;
    for (const [bucket, count] of this.#counts.entries()) {
      seen += count;
      if (seen >= rank) {
        return Math.min(bucketTop(bucket), this.#max);
      }
    }
    return this.#max;
  }

  toData(): HistogramData {
    const buckets: [number, number][] = [];
    for (const [bucket, count] of this.#counts.entries()) {
      if (count > 0) {
        buckets.push([bucket, count]);
      }
    }
    return { buckets, max: this.#max };
  }
}

function findBucket(value: number): number {
  if (value < EXACT_MAX) {
    return value;
  }
  const shift = 31 - Math.clz32(value) - PRECISION_BITS;
  return Math.min(BUCKETS - 1, (shift << PRECISION_BITS) + (value >>> shift));
}

/** The largest value that falls into a bucket. */
function bucketTop(bucket: number): number {
  if (bucket < EXACT_MAX) {
    return bucket;
  }
  const shift = (bucket >>> PRECISION_BITS) - 1;
  return (((bucket & 127) + 128 + 1) << shift) - 1;
}
