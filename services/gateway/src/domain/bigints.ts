/** The smaller of two amounts; Math.min takes no bigint. */
export function lesser(first: bigint, second: bigint): bigint {
  if (first < second) {
    return first;
  }
  return second;
}

export function greater(first: bigint, second: bigint): bigint {
  if (first > second) {
    return first;
  }
  return second;
}
