/** The public `api.json` of models.dev: only what is read. Prices are the numbers' own texts. */
export interface ModelsDevCost {
  readonly input?: string;
  readonly output?: string;
  readonly cache_read?: string;
  readonly cache_write?: string;
  readonly reasoning?: string;
  readonly input_audio?: string;
  readonly output_audio?: string;
  readonly request?: string;
  readonly tiers?: readonly (ModelsDevCost & {
    readonly tier?: { readonly type?: string; readonly size?: number };
  })[];
}

export interface ModelsDevModel {
  readonly name: string;
  readonly base_model?: string;
  readonly status?: string;
  readonly release_date?: string;
  readonly knowledge?: string;
  readonly tool_call?: boolean;
  readonly reasoning?: boolean;
  readonly reasoning_options?: readonly { readonly type?: string }[];
  readonly structured_output?: boolean;
  readonly temperature?: boolean;
  readonly open_weights?: boolean;
  /** `output` shares its name with a price and so arrives as text. */
  readonly limit?: { readonly context?: number; readonly output?: string };
  readonly modalities?: { readonly input?: readonly string[]; readonly output?: readonly string[] };
  readonly cost?: ModelsDevCost;
  readonly provider?: { readonly npm?: string; readonly api?: string };
}

export interface ModelsDevProvider {
  readonly id: string;
  readonly name: string;
  readonly env?: readonly string[];
  readonly npm?: string;
  readonly api?: string;
  readonly doc?: string;
  readonly models: Readonly<Record<string, ModelsDevModel>>;
}

const priceFields = new Set([
  "input",
  "output",
  "cache_read",
  "cache_write",
  "reasoning",
  "input_audio",
  "output_audio",
  "request",
]);

/** Parses the document, keeping each price as the text that stands in it: no float touches it. */
export function parseModelsDev(json: string): Record<string, ModelsDevProvider> {
  const revive = (key: string, value: unknown, context: { source?: string }): unknown =>
    typeof value === "number" && priceFields.has(key) ? (context.source ?? String(value)) : value;
  // The third argument of a reviver is newer than the library's type of it.
  return JSON.parse(json, revive as (key: string, value: unknown) => unknown);
}
