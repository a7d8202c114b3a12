const ENTRY =
  /^ {2}'?(?<id>(?:@[^\s'@]+\/)?[^\s'@]+@[^\s':(]+)'?:\n {4}resolution: \{integrity: (?<integrity>sha\d+-[A-Za-z0-9+/=]+)/gm;

/** The integrity of every registry package of a pnpm lock file, by `name@version`. */
export function readLockIntegrity(lockFile: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const { groups } of lockFile.matchAll(ENTRY)) {
    if (groups?.id !== undefined && groups.integrity !== undefined) {
      found.set(groups.id, groups.integrity);
    }
  }
  return found;
}
