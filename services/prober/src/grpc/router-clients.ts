import { AppError } from "@fairlead/errors";
import { RouterService } from "@fairlead/proto/router/v1/router";
import { type ClientSecurity, createClient, type RpcClient } from "@fairlead/rpc";

export type RouterClient = RpcClient<typeof RouterService>;

/** One client for each router that is there; asked in turn, each instead of one that is away. */
export class RouterClients {
  readonly #security: ClientSecurity;
  #clients = new Map<string, RouterClient>();
  #turn = 0;

  constructor(security: ClientSecurity = {}) {
    this.#security = security;
  }

  /** The routers that there are now. What a client that is let go has under way fails. */
  update(addresses: readonly string[]): void {
    const before = this.#clients;
    this.#clients = new Map(
      addresses.map((address) => [
        address,
        before.get(address) ?? createClient(RouterService, address, this.#security),
      ]),
    );
    for (const [address, client] of before) {
      if (!this.#clients.has(address)) {
        client.close();
      }
    }
  }

  /** Throws the last router's error, or `unavailable` when none is known. */
  readonly listIdleEndpoints: RouterClient["listIdleEndpoints"] = async (request, options) => {
    const clients = [...this.#clients.values()];
    let failure: unknown = new AppError("unavailable", "No router is known; trying again.");
    for (let count = 0; count < clients.length; count += 1) {
      this.#turn = (this.#turn + 1) % clients.length;
      try {
        return await (clients[this.#turn] as RouterClient).listIdleEndpoints(request, options);
      } catch (error) {
        failure = error;
        if (options.signal?.aborted === true) {
          break;
        }
      }
    }
    throw failure;
  };

  close(): void {
    this.update([]);
  }
}
