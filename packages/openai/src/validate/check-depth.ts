/**
 * Whether objects and arrays lie inside each other more than `levels` deep. Recursion is bounded
 * by `levels` itself, so no body can exhaust the stack (V8's JSON.parse does not recurse either).
 */
export function isDeeperThan(value: object, levels: number): boolean {
  if (levels === 0) {
    return true;
  }
  if (Array.isArray(value)) {
    for (const item of value) {
      if (typeof item === "object" && item !== null && isDeeperThan(item, levels - 1)) {
        return true;
      }
    }
    return false;
  }
  for (const key in value) {
    const item = (value as Record<string, unknown>)[key];
    if (typeof item === "object" && item !== null && isDeeperThan(item, levels - 1)) {
      return true;
    }
  }
  return false;
}
