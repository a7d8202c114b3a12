import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Recording {
  /** Path without extension. */
  readonly path: string;
  readonly name: string;
  readonly text: string;
}

const source = join(import.meta.dirname, "..");

/** Whole bodies of a folder below `src`. */
export function readBodies(folder: string): Recording[] {
  return read(folder, ".json").filter(({ name }) => !name.includes(".golden"));
}

/** Streams of a folder below `src`: one event's data a line. */
export function readStreams(folder: string): Recording[] {
  return read(folder, ".chunks.txt");
}

export function splitEvents(text: string): string[] {
  return text.split("\n").filter((line) => line.trim() !== "");
}

function read(folder: string, extension: string): Recording[] {
  const path = join(source, folder);
  return readdirSync(path)
    .filter((name) => name.endsWith(extension))
    .sort()
    .map((name) => ({
      path: join(path, name.slice(0, -extension.length)),
      name: name.slice(0, -extension.length),
      text: readFileSync(join(path, name), "utf8"),
    }));
}
