import { parseScript } from "./parse-script.ts";
import type { Script } from "./script.ts";

const MODELS_MAX = 10_000;
const QUEUED_MAX = 10_000;

interface Queued {
  readonly changes: Partial<Script>;
  readonly text: string;
  remaining: number;
}

interface Entry {
  standing: { readonly changes: Partial<Script>; readonly text: string } | undefined;
  readonly queue: Queued[];
}

/** Scripts set from outside for a model name: some for the next n requests, one that stays. */
export interface ScriptStore {
  /** With `requests` the script serves that many and is gone; without, it stays until cleared. */
  set(model: string, text: string, requests?: number): void;
  clear(model?: string): void;
  /** The changes for the next request of this model; uses up one of a counted script. */
  take(model: string): Partial<Script> | undefined;
  has(model: string): boolean;
  list(): readonly { model: string; script: string; remaining: number | null }[];
}

export function createScriptStore(initial: Readonly<Record<string, string>> = {}): ScriptStore {
  const entries = new Map<string, Entry>();

  function set(model: string, text: string, requests?: number): void {
    const changes = parseScript(text);
    let entry = entries.get(model);
    if (entry === undefined) {
      if (entries.size >= MODELS_MAX) {
        throw new RangeError(`at most ${MODELS_MAX} models can have a script`);
      }
      entry = { standing: undefined, queue: [] };
      entries.set(model, entry);
    }
    if (requests === undefined) {
      entry.standing = { changes, text };
    } else if (entry.queue.length >= QUEUED_MAX) {
      throw new RangeError(`at most ${QUEUED_MAX} scripts can wait for one model`);
    } else {
      entry.queue.push({ changes, text, remaining: requests });
    }
  }

  function take(model: string): Partial<Script> | undefined {
    const entry = entries.get(model);
    const queued = entry?.queue[0];
    if (entry === undefined || queued === undefined) {
      return entry?.standing?.changes;
    }
    queued.remaining -= 1;
    if (queued.remaining <= 0) {
      entry.queue.shift();
    }
    return queued.changes;
  }

  for (const [model, text] of Object.entries(initial)) {
    set(model, text);
  }
  return {
    set,
    take,
    has: (model) => entries.has(model),
    clear: (model) => {
      if (model === undefined) {
        entries.clear();
      } else {
        entries.delete(model);
      }
    },
    list: () =>
      [...entries].flatMap(([model, { standing, queue }]) => [
        ...queue.map(({ text, remaining }) => ({ model, script: text, remaining })),
        ...(standing === undefined ? [] : [{ model, script: standing.text, remaining: null }]),
      ]),
  };
}
