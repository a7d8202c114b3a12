import { type FSWatcher, statSync, watch } from "node:fs";
import { basename, dirname } from "node:path";
import type { Catalog } from "./catalog.ts";
import type { CatalogFault } from "./catalog-fault.ts";
import { readCatalog } from "./load-catalog.ts";

export interface WatchOptions {
  /** Editors write a file in several steps: how long it must rest, in milliseconds. */
  readonly debounceMs?: number;
  /** How often files are looked at where the system reports no change, in milliseconds. */
  readonly pollMs?: number;
}

export interface CatalogWatch {
  close(): void;
}

/**
 * Reads the catalog again whenever one of the files changes: `onChange` gets the new one, or
 * `onFaults` what is wrong with it, and then the caller keeps the one it has. A change that leaves
 * the content the same is not reported twice.
 *
 * Folders are watched and not files, so that an atomic rename or the swap of a mounted ConfigMap's
 * symbolic link is seen; a poll covers file systems that report nothing.
 */
export function watchCatalog(
  paths: readonly string[],
  onChange: (catalog: Catalog) => void,
  onFaults: (faults: readonly CatalogFault[]) => void,
  options: WatchOptions = {},
): CatalogWatch {
  const { debounceMs = 100, pollMs = 1_000 } = options;
  let seen = describeFiles(paths);
  let version: bigint | undefined;
  let debounce: NodeJS.Timeout | undefined;

  function check(): void {
    debounce = undefined;
    const now = describeFiles(paths);
    if (now === seen) {
      return;
    }
    seen = now;
    const { catalog, faults } = readCatalog(paths);
    if (catalog === undefined) {
      onFaults(faults);
    } else if (catalog.version !== version) {
      version = catalog.version;
      onChange(catalog);
    }
  }

  function schedule(): void {
    debounce ??= setTimeout(check, debounceMs);
    debounce.refresh();
  }

  const watchers = watchFolders(paths, schedule);
  const poll = setInterval(check, pollMs);
  poll.unref();
  return {
    close() {
      clearInterval(poll);
      clearTimeout(debounce);
      for (const watcher of watchers) {
        watcher.close();
      }
    },
  };
}

function watchFolders(paths: readonly string[], onEvent: () => void): FSWatcher[] {
  const names = new Set(paths.map((path) => basename(path)));
  return [...new Set(paths.map((path) => dirname(path)))].flatMap((folder) => {
    try {
      const watcher = watch(folder, { persistent: false }, (_, name) => {
        // "..data" is the link that a ConfigMap's update swaps.
        if (name === null || names.has(name) || name.startsWith("..")) {
          onEvent();
        }
      });
      // A folder that goes away is the poll's business.
      watcher.on("error", () => watcher.close());
      return [watcher];
    } catch {
      return [];
    }
  });
}

/** Changes whenever a file is written, replaced, removed or created. */
function describeFiles(paths: readonly string[]): string {
  return paths.map(describeFile).join("|");
}

/** Never throws: a path that has become unreadable is a fault to report, from a timer or not. */
function describeFile(path: string): string {
  try {
    const { ino, mtimeNs, size } = statSync(path, { bigint: true });
    return `${ino}:${mtimeNs}:${size}`;
  } catch {
    return "absent";
  }
}
