import type { Rates } from "./price.ts";
import type { Dialect } from "./provider.ts";

/**
 * The committed snapshot: one JSON document with a line for each endpoint, so that a refresh reads
 * well as a diff. Repeated lists (modalities, parameters) stand once in `lists` and are referred
 * to by index.
 */
export interface SnapshotDocument {
  readonly source: string;
  readonly lists: readonly (readonly string[])[];
  readonly aliases: Readonly<Record<string, string>>;
  readonly models: readonly SnapshotModel[];
  readonly providers: readonly SnapshotProvider[];
}

/** id, name, released (Unix seconds), knowledge cutoff, 1 = reasoning + 2 = open weights. */
export type SnapshotModel = readonly [string, string, number, string, number];

export interface SnapshotProvider {
  readonly slug: string;
  readonly name: string;
  readonly dialect: Dialect;
  readonly baseUrl: string;
  readonly envNames: readonly string[];
  readonly docsUrl: string;
  readonly endpoints: readonly SnapshotEndpoint[];
}

/**
 * Model id, upstream name, rates, context length, largest completion, quantization, then indexes
 * into `lists` of input modalities, output modalities and parameters, then price tiers if any.
 */
export type SnapshotEndpoint = readonly [
  string,
  string,
  string,
  number,
  number,
  string,
  number,
  number,
  number,
  (readonly (readonly [number, string])[])?,
];

const rateOrder = [
  "promptPico",
  "completionPico",
  "cacheReadPico",
  "cacheWritePico",
  "reasoningPico",
  "audioInputPico",
  "audioOutputPico",
  "imageInputPico",
  "requestPico",
  "cacheWrite1hPico",
] as const satisfies readonly (keyof Rates)[];

/** What a rate is when the text leaves it empty. */
const rateDefaults: Readonly<Record<keyof Rates, keyof Rates | undefined>> = {
  promptPico: undefined,
  completionPico: undefined,
  cacheReadPico: "promptPico",
  cacheWritePico: "promptPico",
  reasoningPico: "completionPico",
  audioInputPico: "promptPico",
  audioOutputPico: "completionPico",
  imageInputPico: "promptPico",
  requestPico: undefined,
  cacheWrite1hPico: undefined,
};

/** Pico-USD integers in a fixed order, default ones left empty: `2500000,10000000,1250000`. */
export function formatRates(rates: Rates): string {
  const parts = rateOrder.map((name) => {
    const fallback = rateDefaults[name];
    const expected = fallback === undefined ? 0n : rates[fallback];
    return rates[name] === expected ? "" : String(rates[name]);
  });
  return parts.join(",").replace(/,+$/, "");
}

export function parseRates(text: string): Rates {
  const parts = text.split(",");
  const read = (index: number, otherwise: bigint): bigint => {
    const part = parts[index];
    return part === undefined || part === "" ? otherwise : BigInt(part);
  };
  const promptPico = read(0, 0n);
  const completionPico = read(1, 0n);
  return {
    promptPico,
    completionPico,
    cacheReadPico: read(2, promptPico),
    cacheWritePico: read(3, promptPico),
    reasoningPico: read(4, completionPico),
    audioInputPico: read(5, promptPico),
    audioOutputPico: read(6, completionPico),
    imageInputPico: read(7, promptPico),
    requestPico: read(8, 0n),
    cacheWrite1hPico: read(9, 0n),
  };
}
