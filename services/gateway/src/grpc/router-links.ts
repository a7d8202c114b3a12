import { AppError } from "@fairlead/errors";
import { RouterService } from "@fairlead/proto/router/v1/router";
import type { CallOptions, CallSink, Link, RpcClient } from "@fairlead/rpc";

export type RouterClient = RpcClient<typeof RouterService>;

interface Peer {
  readonly link: Link;
  readonly client: RouterClient;
}

class PlanSink implements CallSink<(typeof RouterService)["method"]["plan"]["output"]> {
  readonly #resolve: (plan: Uint8Array) => void;
  readonly #reject: (error: AppError) => void;
  #plan: Uint8Array | undefined;

  constructor(resolve: (plan: Uint8Array) => void, reject: (error: AppError) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  raw(message: Uint8Array): void {
    this.#plan = message;
  }

  message(): void {}

  end(error: AppError | undefined): void {
    if (this.#plan === undefined || error !== undefined) {
      this.#reject(error ?? new AppError("internal", "The router gave no plan."));
    } else {
      this.#resolve(this.#plan);
    }
  }
}

/** The links to all routers, used in turn; a call moves to the next when one cannot be reached. */
export class RouterLinks {
  readonly #openLink: (address: string) => Link;
  #peers: readonly Peer[] = [];
  /** Of routers that are gone from the list, until their last call has ended. */
  readonly #leaving = new Set<Link>();
  /** Those who are told when a router can be asked, or that none will be. */
  readonly #waiters = new Set<(isReady: boolean) => void>();
  #turn = 0;

  constructor(openLink: (address: string) => Link) {
    this.#openLink = openLink;
  }

  /** The routers that there are now: opens links to new ones, lets go of those not named. */
  update(addresses: readonly string[]): void {
    const known = new Map(this.#peers.map((peer) => [peer.link.address, peer]));
    this.#peers = addresses.map((address) => known.get(address) ?? this.#open(address));
    for (const { link } of known.values()) {
      if (!addresses.includes(link.address)) {
        this.#leaving.add(link);
      }
    }
    this.sweep();
  }

  /** Closes the links of routers that are gone and idle; to be called about twice a second. */
  sweep(): void {
    for (const link of this.#leaving) {
      if (link.inFlight === 0) {
        this.#leaving.delete(link);
        link.close();
      }
    }
  }

  get isReady(): boolean {
    return this.#peers.some(({ link }) => link.state === "ready");
  }

  /**
   * True as soon as a router can be asked; false after the timeout (in milliseconds), when the
   * signal is aborted and when the links are closed. Never rejects.
   */
  untilReady(timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    if (this.isReady || timeoutMs <= 0 || signal.aborted) {
      return Promise.resolve(this.isReady && !signal.aborted);
    }
    return new Promise((resolve) => {
      const done = (isReady: boolean): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", giveUp);
        this.#waiters.delete(done);
        resolve(isReady);
      };
      const giveUp = (): void => done(false);
      const timer = setTimeout(giveUp, timeoutMs);
      signal.addEventListener("abort", giveUp, { once: true });
      this.#waiters.add(done);
    });
  }

  /** Throws the last router's error; `unavailable` at once when none is connected. */
  call<T>(work: (client: RouterClient) => Promise<T>): Promise<T> {
    return this.#tryAll(({ client }) => work(client));
  }

  /** The same for `Plan`, whose caller encodes and decodes it better than the client does. */
  plan(request: Uint8Array, options: CallOptions): Promise<Uint8Array> {
    return this.#tryAll(
      ({ link }) =>
        new Promise((resolve, reject) => {
          link.open(RouterService.method.plan, request, options, new PlanSink(resolve, reject));
        }),
    );
  }

  async #tryAll<T>(work: (peer: Peer) => Promise<T>): Promise<T> {
    let failure: unknown;
    // The list may change while one of them is asked.
    const peers = this.#peers;
    for (let count = 0; count < peers.length; count += 1) {
      this.#turn = (this.#turn + 1) % peers.length;
      const peer = peers[this.#turn];
      if (peer?.link.state !== "ready") {
        continue;
      }
      try {
        return await work(peer);
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
    for (const link of [...this.#peers.map((peer) => peer.link), ...this.#leaving]) {
      link.close();
    }
    this.#peers = [];
    this.#leaving.clear();
    this.#wake(false);
  }

  #wake(isReady: boolean): void {
    for (const done of [...this.#waiters]) {
      done(isReady);
    }
  }

  #open(address: string): Peer {
    const link = this.#openLink(address);
    link.onStateChange((state) => {
      if (state === "ready") {
        this.#wake(true);
      }
    });
    return { link, client: link.client(RouterService) };
  }
}
