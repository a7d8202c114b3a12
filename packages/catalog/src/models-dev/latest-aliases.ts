/**
 * `~author/family-latest` → the newest model of the family: the one whose slug, with versions and
 * `preview` off, is the family's name.
 */
export function findLatestAliases(
  aliasIds: Iterable<string>,
  releasedAt: ReadonlyMap<string, number>,
): Record<string, string> {
  const aliases: Record<string, string> = {};
  for (const alias of [...aliasIds].sort()) {
    const family = alias.slice(1).replace(/-latest$/, "");
    let newest: string | undefined;
    for (const [id, released] of releasedAt) {
      const isNewer = newest === undefined || released > (releasedAt.get(newest) ?? 0);
      if (nameFamily(id) === family && isNewer) {
        newest = id;
      }
    }
    if (newest !== undefined) {
      aliases[alias] = newest;
    }
  }
  return aliases;
}

function nameFamily(id: string): string {
  return id
    .split("-")
    .filter((part) => !/^k?\d+(\.\d+)*$/.test(part) && part !== "preview")
    .join("-");
}
