// node prune.ts FOLDER SECONDS: takes out of a deployed service what never runs, and gives every
// file the same time. Licences stay.
import { lutimesSync, readdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";

const UNUSED_FILE =
  /\.(?:ts|mts|cts|map|flow|tsbuildinfo)$|^(?!LICEN[CS]E|NOTICE|COPYING).*\.(?:md|markdown)$/i;
/** Only right in a package's own folder: further down such a name may be code. */
const UNUSED_FOLDER = new Set([
  ".github",
  "__tests__",
  "benchmarks",
  "docs",
  "example",
  "examples",
  "test",
  "tests",
]);
/** What the package manager wrote for itself: times and the paths of the build. */
const STATE_FILE = /^\.(?:modules\.yaml|pnpm-workspace-state.*\.json)$/;

/** Cleans a folder; `isPackage` when it is a package's own. True when nothing is left in it. */
function prune(folder: string, isPackage: boolean): boolean {
  let left = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (isUnused(entry.name, entry.isDirectory(), isPackage)) {
      rmSync(path, { recursive: true });
    } else if (entry.isDirectory() && prune(path, holdsPackage(folder, entry.name))) {
      rmSync(path, { recursive: true });
    } else {
      left += 1;
    }
  }
  return left === 0;
}

function isUnused(name: string, isDirectory: boolean, isPackage: boolean): boolean {
  return isDirectory
    ? isPackage && UNUSED_FOLDER.has(name)
    : UNUSED_FILE.test(name) || STATE_FILE.test(name);
}

/** Whether `name` in `parent` is a package: `node_modules/pg`, `node_modules/@grpc/grpc-js`. */
function holdsPackage(parent: string, name: string): boolean {
  return /[\\/]node_modules(?:[\\/]@[^\\/]+)?$/.test(parent) && !name.startsWith("@");
}

function setTimes(folder: string, seconds: number): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      setTimes(path, seconds);
    }
    lutimesSync(path, seconds, seconds);
  }
  lutimesSync(folder, seconds, seconds);
}

const [folder, seconds = "0"] = process.argv.slice(2);
if (folder === undefined || !/^\d+$/.test(seconds)) {
  throw new Error("Usage: node prune.ts FOLDER SECONDS");
}
prune(resolve(folder), true);
setTimes(resolve(folder), Number(seconds));
