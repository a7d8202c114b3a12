/** The middle value, or the mean of the two in the middle; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Largest distance of a value from the median, as a share of it: how far to trust the median. */
export function spread(values: readonly number[]): number {
  const middle = median(values);
  const farthest = Math.max(...values.map((value) => Math.abs(value - middle)));
  return middle === 0 ? 0 : farthest / Math.abs(middle);
}
