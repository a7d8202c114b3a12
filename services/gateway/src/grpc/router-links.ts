import { AppError } from "@fairlead/errors";
import { RouterService } from "@fairlead/proto/router/v1/router";
import type { Link, RpcClient } from "@fairlead/rpc";

export type RouterClient = RpcClient<typeof RouterService>;

interface Peer {
  readonly link: Link;
  readonly client: RouterClient;
}

/** The links to all routers, used in turn; a call moves to the next when one cannot be reached. */
export class RouterLinks {
  readonly #peers: readonly Peer[];
  #turn = 0;

  constructor(links: readonly Link[]) {
    this.#peers = links.map((link) => ({ link, client: link.client(RouterService) }));
  }

  get isReady(): boolean {
    return this.#peers.some(({ link }) => link.state === "ready");
  }

  onStateChange(listener: () => void): void {
    for (const { link } of this.#peers) {
      link.onStateChange(listener);
    }
  }

  /** Throws the last router's error; `unavailable` at once when none is connected. */
  async call<T>(work: (client: RouterClient) => Promise<T>): Promise<T> {
    let failure: unknown;
    for (let count = 0; count < this.#peers.length; count += 1) {
      this.#turn = (this.#turn + 1) % this.#peers.length;
      const peer = this.#peers[this.#turn];
      if (peer?.link.state !== "ready") {
        continue;
      }
      try {
        return await work(peer.client);
      } catch (error) {
        failure = error;
        if (!(error instanceof AppError) || error.code !== "unavailable") {
          throw error;
        }
      }
    }
    throw failure ?? new AppError("unavailable", "No router can be reached. Try again.");
  }

  close(): void {
    for (const { link } of this.#peers) {
      link.close();
    }
  }
}
