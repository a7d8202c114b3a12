import type { ProviderRequest } from "@fairlead/providers";
import { Pool } from "undici";
import { Exchange, type ExchangeListener } from "./exchange.ts";

/** Where a provider is, and what every call of it carries. */
export interface UpstreamAddress {
  /** Scheme, host and port: requests can go nowhere else, whatever their path says. */
  readonly origin: string;
  /** Put before every path; "" or begins with a slash. */
  readonly basePath: string;
  /** Names and values in turn, secrets among them: never to be logged. */
  readonly headers: readonly string[];
}

export interface UpstreamOptions {
  /** Connections to one origin. */
  readonly connectionsMax: number;
  readonly connectTimeoutMs: number;
  /** All headers of an answer together. */
  readonly headerBytesMax: number;
}

type UpstreamRequest = Pick<ProviderRequest, "path" | "headers"> & {
  readonly method: "GET" | "POST";
  readonly body: string | undefined;
};

/**
 * The HTTP client of all providers: one pool of connections for each origin. It follows no
 * redirect, keeps no cookie and retries nothing; time limits are the caller's.
 */
export class Upstream {
  readonly #options: UpstreamOptions;
  readonly #pools = new Map<string, Pool>();

  constructor(options: UpstreamOptions) {
    this.#options = options;
  }

  /** Connections that are up. */
  get connections(): number {
    let count = 0;
    for (const pool of this.#pools.values()) {
      count += pool.stats.connected;
    }
    return count;
  }

  /** Starts one exchange. Nothing is thrown: what fails at once is told to the listener. */
  open(
    address: UpstreamAddress,
    request: UpstreamRequest,
    requestId: string,
    listener: ExchangeListener,
  ): Exchange {
    const exchange = new Exchange(listener);
    const headers = [...address.headers, "x-request-id", requestId];
    for (const name in request.headers) {
      headers.push(name, request.headers[name] ?? "");
    }
    try {
      this.#findPool(address.origin).dispatch(
        {
          path: address.basePath + request.path,
          method: request.method,
          headers,
          body: request.body ?? null,
        },
        exchange,
      );
    } catch (error) {
      exchange.abort();
      listener.broken(error instanceof Error ? error : new Error(String(error)));
    }
    return exchange;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.destroy()));
    this.#pools.clear();
  }

  #findPool(origin: string): Pool {
    const known = this.#pools.get(origin);
    if (known !== undefined) {
      return known;
    }
    const pool = new Pool(origin, {
      connections: this.#options.connectionsMax,
      pipelining: 1,
      allowH2: false,
      maxHeaderSize: this.#options.headerBytesMax,
      // Deadlines move with what the plan says, so they are watched by the sweeper.
      headersTimeout: 0,
      bodyTimeout: 0,
      // Common servers of models close after 5 s of silence and do not announce it; a request
      // written at that moment is lost. A server's own hint takes precedence.
      keepAliveTimeout: 4_000,
      keepAliveMaxTimeout: 60_000,
      connect: { timeout: this.#options.connectTimeoutMs },
    });
    this.#pools.set(origin, pool);
    return pool;
  }
}
