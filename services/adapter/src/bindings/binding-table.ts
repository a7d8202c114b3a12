import { type Catalog, expandBaseUrl, type Provider as Definition } from "@fairlead/catalog";
import type { Provider } from "@fairlead/providers";
import { ConcurrencyLimit } from "../domain/concurrency-limit.ts";
import type { CredentialSource, Environment } from "./credential-source.ts";
import type { ProviderBinding } from "./provider-binding.ts";

export interface BindingTableOptions {
  readonly credentials: CredentialSource;
  /** Values for placeholders of base URLs. */
  readonly environment: Environment;
  readonly isSelected: (slug: string) => boolean;
  readonly findTranslation: (definition: Definition) => Provider;
  readonly concurrency: number;
  readonly waitersMax: number;
}

/** Headers that this service alone decides on. */
const ownHeaders = new Set([
  "host",
  "connection",
  "content-length",
  "transfer-encoding",
  "accept-encoding",
  "user-agent",
  "x-request-id",
]);

/** The providers that this worker can call now: selected, known, addressed and with credentials. */
export class BindingTable {
  readonly #options: BindingTableOptions;
  readonly #limits = new Map<string, ConcurrencyLimit>();
  #bindings = new Map<string, ProviderBinding>();

  constructor(options: BindingTableOptions) {
    this.#options = options;
  }

  get(slug: string): ProviderBinding | undefined {
    return this.#bindings.get(slug);
  }

  get slugs(): string[] {
    return [...this.#bindings.keys()];
  }

  /** Every limit ever used, for metrics: calls of a provider that was removed still count. */
  get limits(): Iterable<ConcurrencyLimit> {
    return this.#limits.values();
  }

  /**
   * Builds the table anew; calls in flight keep the binding that they began with. Returns the
   * slugs whose credential is not the one before.
   */
  load(catalog: Catalog): string[] {
    const bindings = new Map<string, ProviderBinding>();
    for (const definition of catalog.providers.values()) {
      const binding = this.#bind(definition);
      if (binding !== undefined) {
        bindings.set(definition.slug, binding);
      }
    }
    const before = this.#bindings;
    this.#bindings = bindings;
    return [...bindings.values()]
      .filter(({ slug, credential }) => before.get(slug)?.credential !== credential)
      .map(({ slug }) => slug);
  }

  #bind(definition: Definition): ProviderBinding | undefined {
    const { credentials, isSelected, findTranslation, environment } = this.#options;
    if (definition.isDisabled || !isSelected(definition.slug)) {
      return undefined;
    }
    const credential = credentials.resolve(definition);
    if (credential.isMissing) {
      return undefined;
    }
    const provider = findTranslation(definition);
    const baseUrl = expandBaseUrl(definition.baseUrl || (provider.baseUrl ?? ""), environment);
    const url = URL.parse(baseUrl ?? "");
    if (url === null) {
      return undefined;
    }
    return {
      slug: definition.slug,
      provider,
      address: {
        origin: url.origin,
        basePath: url.pathname.replace(/\/+$/, ""),
        headers: toHeaderList({ ...provider.headers(credential.value), ...definition.headers }),
      },
      host: url.hostname,
      credential: credential.value,
      limit: this.#findLimit(definition),
      timeouts: definition.timeouts,
    };
  }

  #findLimit({ slug, concurrency }: Definition): ConcurrencyLimit {
    const slots = concurrency ?? this.#options.concurrency;
    const known = this.#limits.get(slug);
    if (known !== undefined) {
      known.resize(slots);
      return known;
    }
    const limit = new ConcurrencyLimit(slots, this.#options.waitersMax);
    this.#limits.set(slug, limit);
    return limit;
  }
}

function toHeaderList(headers: Readonly<Record<string, string>>): string[] {
  const list = ["user-agent", "fairlead", "accept-encoding", "identity"];
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase();
    if (!ownHeaders.has(lower)) {
      list.push(lower, value);
    }
  }
  return list;
}
