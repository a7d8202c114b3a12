import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { EndpointDeclaration, ProviderDeclaration } from "./declaration.ts";
import type { Model } from "./model.ts";
import { parseRates, type SnapshotDocument, type SnapshotEndpoint } from "./snapshot-format.ts";

export interface Snapshot {
  /** Of the file's bytes. */
  readonly digest: string;
  readonly providers: ReadonlyMap<string, ProviderDeclaration>;
  readonly models: ReadonlyMap<string, Model>;
  readonly aliases: ReadonlyMap<string, string>;
}

/** Beside `src` and `dist`, so that both find it. */
const snapshotUrl = new URL("../snapshot/catalog.json", import.meta.url);

let loaded: Snapshot | undefined;

/** The built-in snapshot; read once in a process, since it never changes while it runs. */
export function readSnapshot(): Snapshot {
  loaded ??= parseSnapshot(readFileSync(snapshotUrl, "utf8"));
  return loaded;
}

function parseSnapshot(json: string): Snapshot {
  const document: SnapshotDocument = JSON.parse(json);
  const models = new Map<string, Model>();
  for (const [id, name, created, knowledgeCutoff, flags] of document.models) {
    models.set(id, {
      id,
      name,
      description: "",
      created,
      knowledgeCutoff,
      isReasoning: (flags & 1) !== 0,
      isOpenWeights: (flags & 2) !== 0,
    });
  }
  const providers = new Map<string, ProviderDeclaration>();
  for (const { endpoints, ...provider } of document.providers) {
    const declared = endpoints.map((row) => declareEndpoint(row, document.lists));
    providers.set(provider.slug, { ...provider, endpoints: declared });
  }
  const aliases = new Map(Object.entries(document.aliases));
  return { digest: hash("sha256", json, "hex"), providers, models, aliases };
}

function declareEndpoint(
  row: SnapshotEndpoint,
  lists: SnapshotDocument["lists"],
): EndpointDeclaration {
  const [model, upstreamModel, rates, context, output, quantization, input, out, params, tiers] =
    row;
  return {
    model,
    upstreamModel,
    rates: parseRates(rates),
    tiers: tiers?.map(([size, text]) => ({
      minPromptTokens: BigInt(size),
      rates: parseRates(text),
    })),
    contextLength: context,
    maxCompletionTokens: output,
    quantization,
    inputModalities: lists[input],
    outputModalities: lists[out],
    supportedParameters: lists[params],
  };
}
