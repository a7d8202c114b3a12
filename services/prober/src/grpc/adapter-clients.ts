import { AdapterService } from "@fairlead/proto/adapter/v1/adapter";
import { type ClientSecurity, createClient, type RpcClient } from "@fairlead/rpc";

export type AdapterClient = RpcClient<typeof AdapterService>;

/** One client per worker address, closed when the worker is gone. */
export class AdapterClients {
  readonly #security: ClientSecurity;
  readonly #clients = new Map<string, AdapterClient>();

  constructor(security: ClientSecurity = {}) {
    this.#security = security;
  }

  get(address: string): AdapterClient {
    let client = this.#clients.get(address);
    if (client === undefined) {
      client = createClient(AdapterService, address, this.#security);
      this.#clients.set(address, client);
    }
    return client;
  }

  keepOnly(addresses: ReadonlySet<string>): void {
    for (const [address, client] of this.#clients) {
      if (!addresses.has(address)) {
        client.close();
        this.#clients.delete(address);
      }
    }
  }

  close(): void {
    this.keepOnly(new Set());
  }
}
