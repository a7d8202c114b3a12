/**
 * Works on so many at a time. The pool of the tests has eight connections, and who waits for one
 * for two seconds is refused: more at once would be a race against the machine.
 */
export async function mapInGroups<T, R>(
  items: readonly T[],
  size: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += size) {
    results.push(...(await Promise.all(items.slice(start, start + size).map(work))));
  }
  return results;
}
