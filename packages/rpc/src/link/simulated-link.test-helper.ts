import { AdapterService, type GenerateRequest } from "@fairlead/proto/adapter/v1/adapter";
import type { ServerCall } from "../handler-types.ts";
import { methodPath } from "../method.ts";
import { ClientConnection } from "./client-connection.ts";
import { DeadlineWheel } from "./deadline-wheel.ts";
import { type LinkLimits, resolveLimits } from "./link-options.ts";
import { LinkStats } from "./link-stats.ts";
import { codecOf } from "./message-codec.ts";
import type { Transport } from "./outbox.ts";
import { ServerConnection } from "./server-connection.ts";

/** One direction of a stream whose network moves only when a test says so. */
export class SimulatedPipe implements Transport {
  readonly #batches: { readonly batch: Buffer; readonly done: () => void }[] = [];
  #flush: (() => void) | undefined;
  isEnded = false;
  isDestroyed = false;

  readonly schedule = (flush: () => void): void => {
    this.#flush = flush;
  };

  write(batch: Buffer, done: () => void): void {
    this.#batches.push({ batch, done });
  }

  end(): void {
    this.isEnded = true;
  }

  destroy(): void {
    this.isDestroyed = true;
  }

  /** The end of the sender's turn. */
  flush(): boolean {
    const flush = this.#flush;
    this.#flush = undefined;
    flush?.();
    return flush !== undefined;
  }

  /** The network takes the oldest batch. */
  next(): Buffer | undefined {
    const oldest = this.#batches.shift();
    oldest?.done();
    return oldest?.batch;
  }

  get bytes(): number {
    return this.#batches.reduce((sum, { batch }) => sum + batch.length, 0);
  }
}

export type SimulatedHandler = (request: GenerateRequest, call: ServerCall) => void;

const logger = { info() {}, warn() {}, error() {} };
const method = AdapterService.method.generate;

/** Both ends of a stream in one process, with time and network in the test's hands. */
export class SimulatedLink {
  readonly toServer = new SimulatedPipe();
  readonly toClient = new SimulatedPipe();
  readonly client: ClientConnection;
  readonly server: ServerConnection;
  readonly wheel: DeadlineWheel;
  readonly stats = new LinkStats();
  #nowMs = 0;
  #turnAtMs = 0;
  #turn: (() => void) | undefined;

  constructor(limits: LinkLimits, handler: SimulatedHandler) {
    this.wheel = new DeadlineWheel({
      now: () => this.#nowMs,
      after: (delayMs, turn) => {
        this.#turnAtMs = this.#nowMs + delayMs;
        this.#turn = turn;
        return () => {
          this.#turn = undefined;
        };
      },
    });
    const shared = { limits: resolveLimits(limits), stats: this.stats, logger, wheel: this.wheel };
    this.client = new ClientConnection(this.toServer, {
      ...shared,
      schedule: this.toServer.schedule,
      onDraining() {},
      onClosed() {},
    });
    const served = {
      path: methodPath(method),
      input: codecOf(method.input),
      output: codecOf(method.output),
      handler: { kind: "stream" as const, run: handler as never },
    };
    this.server = new ServerConnection(this.toClient, {
      ...shared,
      schedule: this.toClient.schedule,
      methods: new Map([[served.path, served]]),
      callsMax: 1000,
      onClosed() {},
    });
  }

  /** Moves the oldest batch of one direction; false when there was none. */
  deliver(direction: "toServer" | "toClient"): boolean {
    const batch = this[direction].next();
    if (batch === undefined) {
      return false;
    }
    const receiver = direction === "toServer" ? this.server : this.client;
    receiver.channel.receive(batch);
    return true;
  }

  /** Lets everything move until nothing does. */
  settle(): void {
    let hasMoved = true;
    while (hasMoved) {
      const moves = [
        this.toServer.flush(),
        this.deliver("toServer"),
        this.toClient.flush(),
        this.deliver("toClient"),
      ];
      hasMoved = moves.includes(true);
    }
  }

  advance(ms: number): void {
    this.#nowMs += ms;
    const turn = this.#turn;
    if (turn !== undefined && this.#nowMs >= this.#turnAtMs) {
      this.#turn = undefined;
      turn();
    }
  }
}
