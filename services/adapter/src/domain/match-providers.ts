/**
 * Reads a list of provider patterns such as `*,!simulated-*`: a slug is served when a pattern
 * matches it and no pattern after a `!` does, in whatever order they stand. A list of exclusions
 * alone means everything else. `*` stands for any characters.
 */
export function parseProviderPatterns(list: string): (slug: string) => boolean {
  const patterns = list
    .split(",")
    .map((pattern) => pattern.trim())
    .filter((pattern) => pattern !== "" && pattern !== "!");
  const excluded = patterns.filter((it) => it.startsWith("!")).map((it) => toMatcher(it.slice(1)));
  const included = patterns.filter((it) => !it.startsWith("!")).map(toMatcher);
  if (included.length === 0 && excluded.length > 0) {
    included.push(toMatcher("*"));
  }
  return (slug) =>
    included.some((pattern) => pattern.test(slug)) && !excluded.some((it) => it.test(slug));
}

function toMatcher(pattern: string): RegExp {
  const parts = pattern.split("*").map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, "\\$&"));
  // Lazy and anchored at both ends: slugs are short, so what backtracking there is stays small.
  return new RegExp(`^${parts.join(".*?")}$`, "s");
}
