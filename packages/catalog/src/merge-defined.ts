/** A copy of `base` with what `over` defines laid over it; undefined fields leave it as it is. */
export function mergeDefined<T extends object>(base: T | undefined, over: T): T {
  const merged = { ...base } as T;
  for (const key of Object.keys(over) as (keyof T)[]) {
    if (over[key] !== undefined) {
      merged[key] = over[key];
    }
  }
  return merged;
}
