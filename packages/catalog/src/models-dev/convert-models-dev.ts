import type {
  SnapshotDocument,
  SnapshotEndpoint,
  SnapshotModel,
  SnapshotProvider,
} from "../snapshot-format.ts";
import { createCanonicalIds, type CanonicalIds } from "./canonical-id.ts";
import { convertModalities, convertParameters, findQuantization } from "./convert-capabilities.ts";
import { convertPrice } from "./convert-price.ts";
import { findCallForm } from "./dialects.ts";
import { findLatestAliases } from "./latest-aliases.ts";
import type { ModelsDevModel, ModelsDevProvider } from "./wire.ts";

export interface Conversion {
  readonly document: SnapshotDocument;
  /** How many entries were left out, by reason. */
  readonly leftOut: Readonly<Record<string, number>>;
}

/** Providers whose entries give the models their canonical names. */
const canonicalProvider = "openrouter";

/** Converts the whole database. Deterministic: providers, models and endpoints are sorted. */
export function convertModelsDev(
  source: string,
  database: Readonly<Record<string, ModelsDevProvider>>,
): Conversion {
  const names = Object.keys(database[canonicalProvider]?.models ?? {});
  const state: State = {
    ids: createCanonicalIds(names.filter((name) => !isRouter(name) && !name.startsWith("~"))),
    lists: new Map(),
    models: new Map(),
    providers: new Map(),
    leftOut: {},
  };
  for (const provider of Object.values(database).sort((a, b) => compareText(a.id, b.id))) {
    for (const [name, model] of Object.entries(provider.models).sort((a, b) =>
      compareText(a[0], b[0]),
    )) {
      const reason = convertEndpoint(state, provider, name, model);
      if (reason !== undefined) {
        state.leftOut[reason] = (state.leftOut[reason] ?? 0) + 1;
      }
    }
  }
  const models = [...state.models.values()].sort((a, b) => compareText(a[0], b[0]));
  const releasedAt = new Map(models.map((model) => [model[0], model[2]]));
  const aliases = findLatestAliases(
    names.filter((name) => name.startsWith("~")),
    releasedAt,
  );
  const lists = [...state.lists.keys()].map((key) => key.split(",").filter((part) => part !== ""));
  const providers = [...state.providers.values()];
  return { document: { source, lists, aliases, models, providers }, leftOut: state.leftOut };
}

interface State {
  readonly ids: CanonicalIds;
  readonly lists: Map<string, number>;
  readonly models: Map<string, SnapshotModel>;
  readonly providers: Map<string, SnapshotProvider & { endpoints: SnapshotEndpoint[] }>;
  readonly leftOut: Record<string, number>;
}

/** Adds one endpoint, or says why not. */
function convertEndpoint(
  state: State,
  provider: ModelsDevProvider,
  name: string,
  model: ModelsDevModel,
): string | undefined {
  if (name.startsWith("~") || isRouter(name)) {
    return "routers and moving aliases of another gateway";
  }
  if (model.status === "deprecated") {
    return "deprecated";
  }
  const price = convertPrice(model.cost);
  if (price === undefined) {
    return "without a price";
  }
  const target = findProvider(state, provider, model);
  if (target === undefined) {
    return "dialect not spoken";
  }
  const id = state.ids.resolve(provider.id, name, model.base_model);
  const input = convertModalities(model.modalities?.input);
  const output = convertModalities(model.modalities?.output);
  const row = [
    id,
    name,
    price.rates,
    model.limit?.context ?? 0,
    Number(model.limit?.output ?? 0),
    findQuantization(name),
    internList(state.lists, input),
    internList(state.lists, output),
    internList(state.lists, convertParameters(provider.id, target.dialect, model)),
  ] as const;
  target.endpoints.push(price.tiers.length === 0 ? row : [...row, price.tiers]);
  describeModel(state, provider, id, model);
  return undefined;
}

/** An entry with its own dialect or URL makes a second provider, `zenmux/anthropic`. */
function findProvider(state: State, provider: ModelsDevProvider, model: ModelsDevModel) {
  const own = findCallForm(provider.id, provider.npm, provider.api);
  const override = model.provider;
  const form =
    override === undefined
      ? own
      : findCallForm(provider.id, override.npm ?? provider.npm, override.api ?? provider.api);
  if (form === undefined) {
    return undefined;
  }
  const isOwn = form.dialect === own?.dialect && form.baseUrl === own.baseUrl;
  const slug = isOwn ? provider.id : `${provider.id}/${nameForm(form.dialect, own?.dialect)}`;
  let target = state.providers.get(slug);
  if (target === undefined) {
    target = {
      slug,
      name: provider.name,
      dialect: form.dialect,
      baseUrl: form.baseUrl,
      envNames: provider.env ?? [],
      docsUrl: provider.doc ?? "",
      endpoints: [],
    };
    state.providers.set(slug, target);
  }
  return target;
}

function nameForm(dialect: string, ownDialect: string | undefined): string {
  return dialect === ownDialect ? "alternate" : dialect;
}

/** The maker's own entry, where there is one, says best what a model is called. */
function describeModel(
  state: State,
  provider: ModelsDevProvider,
  id: string,
  model: ModelsDevModel,
): void {
  const known = state.models.get(id);
  if (known !== undefined && provider.id !== canonicalProvider) {
    return;
  }
  const released = Date.parse(model.release_date ?? "");
  const flags = (model.reasoning === true ? 1 : 0) | (model.open_weights === true ? 2 : 0);
  const created = Number.isNaN(released) ? 0 : Math.floor(released / 1_000);
  state.models.set(id, [id, model.name, created, model.knowledge ?? "", flags]);
}

function internList(lists: Map<string, number>, values: readonly string[]): number {
  const key = values.join(",");
  const index = lists.get(key) ?? lists.size;
  lists.set(key, index);
  return index;
}

function isRouter(name: string): boolean {
  return name.startsWith("openrouter/");
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
