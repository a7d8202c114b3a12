import { readdirSync, readFileSync } from "node:fs";
import { basename, join, relative, sep } from "node:path";

const CHUNKS_SUFFIX = ".chunks.txt";
const JSON_SUFFIX = ".json";
const MODEL_PREFIX = "replay/";

export interface Fixture {
  /** The recorded response body. */
  readonly body: string | undefined;
  /** The recorded events: the `data:` of each, in order. */
  readonly events: readonly string[] | undefined;
}

/** Recordings of real providers, by file stem; read when first asked for. */
export interface FixtureLibrary {
  /** `anthropic-text`, or with its folder `anthropic/anthropic-text`. */
  find(stem: string): Fixture | undefined;
  /** Model names, `replay/…`, of all recordings. */
  names(): readonly string[];
}

interface Files {
  body?: string;
  events?: string;
}

export function openFixtureLibrary(folder: string | undefined): FixtureLibrary {
  const files = folder === undefined ? new Map<string, Files>() : listFiles(folder);
  const loaded = new Map<string, Fixture>();
  return {
    find: (stem) => {
      // Only names found in the folder are ever opened, so no name can lead out of it.
      const known = files.get(stem);
      if (known === undefined) {
        return undefined;
      }
      let fixture = loaded.get(stem);
      if (fixture === undefined) {
        fixture = load(known);
        loaded.set(stem, fixture);
      }
      return fixture;
    },
    names: () => [...files.keys()].map((stem) => MODEL_PREFIX + stem),
  };
}

function listFiles(folder: string): Map<string, Files> {
  const files = new Map<string, Files>();
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((candidate) => candidate.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const kind = entry.name.endsWith(CHUNKS_SUFFIX) ? "events" : "body";
    const suffix = kind === "events" ? CHUNKS_SUFFIX : JSON_SUFFIX;
    if (!entry.name.endsWith(suffix)) {
      continue;
    }
    const whole = relative(folder, path).split(sep).join("/").slice(0, -suffix.length);
    for (const stem of new Set([whole, basename(whole)])) {
      files.set(stem, { ...files.get(stem), [kind]: path });
    }
  }
  return files;
}

function load({ body, events }: Files): Fixture {
  return {
    body: body === undefined ? undefined : readFileSync(body, "utf8"),
    events:
      events === undefined
        ? undefined
        : readFileSync(events, "utf8")
            .split("\n")
            .filter((line) => line.trim() !== ""),
  };
}
