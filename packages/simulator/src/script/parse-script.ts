import { parseFault } from "./parse-fault.ts";
import { parseInteger, parseNumber } from "./parse-number.ts";
import type { Delay, Script } from "./script.ts";
import { ScriptError } from "./script-error.ts";

const TOKENS_MAX = 10_000_000;
const HOUR_MS = 3_600_000;

/** `key=value` pairs; a value with blanks stands in double quotes, or is percent-encoded. */
const PAIR = /([a-z_]+)=("(?:[^"\\]|\\.)*"|[^\s&;"]*)/y;
const SEPARATOR = /[\s&;]*/y;

type Changes = { -readonly [K in keyof Script]?: Script[K] };
type Setter = (changes: Changes, value: string, key: string) => void;

const setters: Readonly<Record<string, Setter>> = {
  tokens: (changes, value, key) => {
    changes.tokens = parseInteger(key, value, 0, TOKENS_MAX);
  },
  text: (changes, value) => {
    changes.text = value;
  },
  echo: (changes, value, key) => {
    changes.isEcho = parseFlag(key, value);
  },
  reasoning: (changes, value, key) => {
    changes.reasoning = parseInteger(key, value, 0, TOKENS_MAX);
  },
  tools: (changes, value, key) => {
    changes.tools = parseInteger(key, value, 0, 64);
  },
  json: (changes, value, key) => {
    changes.isJson = parseFlag(key, value);
  },
  refusal: (changes, value, key) => {
    changes.isRefusal = parseFlag(key, value);
  },
  cached: (changes, value, key) => {
    changes.cached = parseInteger(key, value, 0, TOKENS_MAX);
  },
  cache_write: (changes, value, key) => {
    changes.cacheWrite = parseInteger(key, value, 0, TOKENS_MAX);
  },
  latency: (changes, value, key) => {
    changes.latency = parseDelay(key, value);
  },
  ttft: (changes, value, key) => {
    changes.ttft = parseDelay(key, value);
  },
  rate: (changes, value, key) => {
    changes.rate = parseNumber(key, value, 0, 1_000_000);
  },
  pack: (changes, value, key) => {
    changes.pack = parseInteger(key, value, 1, 100_000);
  },
  slice: (changes, value, key) => {
    changes.slice = parseInteger(key, value, 0, 1_000_000);
  },
  fault: (changes, value) => {
    changes.fault = parseFault(value);
  },
  fault_rate: (changes, value, key) => {
    changes.faultRate = parseNumber(key, value, 0, 1);
  },
  retry_after: (changes, value, key) => {
    changes.retryAfterSeconds = parseNumber(key, value, 0, 86_400);
  },
  message: (changes, value) => {
    changes.errorMessage = value;
  },
  limit: (changes, value, key) => {
    const [requests = "", window = "1000"] = value.split("/");
    changes.limit = parseInteger(key, requests, 0, 1_000_000);
    changes.limitWindowMs = parseInteger(key, window, 1, HOUR_MS);
  },
  seed: (changes, value, key) => {
    changes.seed = parseInteger(key, value, 0, 0xffffffff);
  },
};

/** Reads `tokens=50 ttft=20 fault=status:503`; pairs are parted by blanks, `&` or `;`. */
export function parseScript(text: string): Partial<Script> {
  const changes: Changes = {};
  let position = skipSeparators(text, 0);
  while (position < text.length) {
    PAIR.lastIndex = position;
    const pair = PAIR.exec(text);
    if (pair === null) {
      throw new ScriptError(`expected key=value at "${text.slice(position, position + 40)}"`);
    }
    const [whole, key = "", raw = ""] = pair;
    const set = Object.hasOwn(setters, key) ? setters[key] : undefined;
    if (set === undefined) {
      throw new ScriptError(
        `unknown key "${key}"; the keys are ${Object.keys(setters).join(", ")}`,
      );
    }
    set(changes, decodeValue(raw), key);
    position = skipSeparators(text, position + whole.length);
  }
  return changes;
}

function skipSeparators(text: string, position: number): number {
  SEPARATOR.lastIndex = position;
  SEPARATOR.exec(text);
  return SEPARATOR.lastIndex;
}

function decodeValue(raw: string): string {
  if (raw.startsWith('"')) {
    return raw.slice(1, -1).replace(/\\(.)/g, (_, next: string) => (next === "n" ? "\n" : next));
  }
  if (!raw.includes("%")) {
    return raw;
  }
  try {
    return decodeURIComponent(raw);
  } catch (cause) {
    throw new ScriptError(`"${raw}" is not percent-encoded UTF-8`, { cause });
  }
}

function parseFlag(key: string, value: string): boolean {
  if (value !== "0" && value !== "1") {
    throw new ScriptError(`${key} must be 0 or 1, not "${value}"`);
  }
  return value === "1";
}

/** `20` or `lognormal:20:0.5` (median in ms, sigma). */
function parseDelay(key: string, value: string): Delay {
  const [kind, median = "", sigma = "0.5"] = value.split(":");
  if (kind === "lognormal") {
    return {
      medianMs: parseNumber(key, median, 0, HOUR_MS),
      sigma: parseNumber(key, sigma, 0, 5),
    };
  }
  return { medianMs: parseNumber(key, value, 0, HOUR_MS), sigma: 0 };
}
