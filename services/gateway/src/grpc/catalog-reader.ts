import type { Endpoint, Model, Provider } from "@fairlead/proto/catalog/v1/catalog";
import type { RouterLinks } from "./router-links.ts";

const TIMEOUT_MS = 5_000;
/** Health is live: an endpoint list older than this is asked for again. */
const ENDPOINTS_TTL_MS = 1_000;
/** Announcements can be lost with the bus; the models are read again after this. */
const MODELS_TTL_MS = 2_000;
const ENTRIES_MAX = 2_000;

export interface ModelEndpoints {
  readonly model: Model;
  readonly endpoints: readonly Endpoint[];
}

interface Entry {
  readonly value: unknown;
  readonly readAtMs: number;
}

/** The public catalog, read from the routers and kept: served stale while none answers. */
export class CatalogReader {
  readonly #routers: RouterLinks;
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();
  readonly #pending = new Map<string, Promise<unknown>>();

  constructor(routers: RouterLinks, now: () => number) {
    this.#routers = routers;
    this.#now = now;
  }

  /** The catalog changed: everything is asked for again when it is next wanted. */
  expire(): void {
    for (const [key, { value }] of this.#entries) {
      this.#entries.set(key, { value, readAtMs: Number.NEGATIVE_INFINITY });
    }
  }

  models(): Promise<readonly Model[]> {
    return this.#read("models", MODELS_TTL_MS, () =>
      this.#routers.call(
        async (client) => (await client.listModels({}, { timeoutMs: TIMEOUT_MS })).models,
      ),
    );
  }

  providers(): Promise<readonly Provider[]> {
    return this.#read("providers", ENDPOINTS_TTL_MS, () =>
      this.#routers.call(
        async (client) => (await client.listProviders({}, { timeoutMs: TIMEOUT_MS })).providers,
      ),
    );
  }

  /** Undefined when there is no such model. */
  endpoints(model: string): Promise<ModelEndpoints | undefined> {
    return this.#read(`endpoints ${model}`, ENDPOINTS_TTL_MS, () =>
      this.#routers.call(async (client) => {
        const answer = await client.listEndpoints({ model }, { timeoutMs: TIMEOUT_MS });
        return answer.model && { model: answer.model, endpoints: answer.endpoints };
      }),
    );
  }

  async #read<T>(key: string, ttlMs: number, load: () => Promise<T>): Promise<T> {
    const entry = this.#entries.get(key);
    if (entry !== undefined && this.#now() - entry.readAtMs < ttlMs) {
      return entry.value as T;
    }
    let pending = this.#pending.get(key);
    if (pending === undefined) {
      pending = load()
        .then((value) => this.#store(key, value))
        .finally(() => this.#pending.delete(key));
      this.#pending.set(key, pending);
    }
    try {
      return (await pending) as T;
    } catch (error) {
      if (entry === undefined) {
        throw error;
      }
      return entry.value as T;
    }
  }

  #store<T>(key: string, value: T): T {
    this.#entries.delete(key);
    this.#entries.set(key, { value, readAtMs: this.#now() });
    if (this.#entries.size > ENTRIES_MAX) {
      const oldest = this.#entries.keys().next();
      if (!oldest.done) {
        this.#entries.delete(oldest.value);
      }
    }
    return value;
  }
}
