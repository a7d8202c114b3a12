import {
  type Bus,
  type BusTls,
  type Consumption,
  connectBus,
  streams,
  type UsageRetention,
} from "@fairlead/bus";
import type { Pool } from "@fairlead/db";
import type { Logger } from "@fairlead/kit";
import type { UsageStore } from "../store/usage-store.ts";
import { consumeUsage, USAGE_CONSUMER } from "./consume-usage.ts";
import { OutboxRelay } from "./outbox-relay.ts";
import type { UsagePoster } from "./usage-poster.ts";

const RETRY_MS = 1_000;
const CONNECT_TIMEOUT_MS = 2_000;

export interface BusDutiesOptions {
  readonly url: string;
  readonly tls?: BusTls | undefined;
  readonly replicas: number;
  /** Of the stream of bills; as it is there already, or as it is by default, unless given. */
  readonly retention?: UsageRetention;
  readonly pool: Pool;
  readonly poster: UsagePoster;
  readonly store: UsageStore;
  readonly logger: Logger;
  /** Ends the attempts to connect. */
  readonly signal: AbortSignal;
}

/**
 * All that the ledger does on the bus. It needs no bus to start, nor to answer: usage then comes
 * by gRPC. So it connects beside everything else, for as long as it takes.
 */
export class BusDuties {
  readonly #options: BusDutiesOptions;
  readonly #started: Promise<void>;
  #bus: Bus | undefined;
  #consumption: Consumption | undefined;
  #relay: OutboxRelay | undefined;

  constructor(options: BusDutiesOptions) {
    this.#options = options;
    this.#started = this.#start();
  }

  get isConnected(): boolean {
    return this.#bus?.isConnected ?? false;
  }

  /** Sends what is in the outbox now. */
  wakeRelay(): void {
    this.#relay?.wake();
  }

  /** Finishes the batch in hand and takes no more. */
  async stopConsuming(): Promise<void> {
    await this.#started;
    await this.#consumption?.close();
    await this.#relay?.close();
  }

  async close(): Promise<void> {
    await this.stopConsuming();
    await this.#bus?.close();
  }

  async #start(): Promise<void> {
    const { url, tls, replicas, retention, pool, poster, store, logger, signal } = this.#options;
    while (!signal.aborted && this.#consumption === undefined) {
      try {
        this.#bus ??= await connectBus({
          url,
          tls,
          name: "fairlead-ledger",
          logger,
          startTimeoutMs: CONNECT_TIMEOUT_MS,
        });
        await this.#bus.ensureStreams(replicas, retention);
        this.#relay = new OutboxRelay({ pool, bus: this.#bus, logger });
        this.#consumption = consumeUsage({ bus: this.#bus, poster, store });
        this.#bus.watchStreams([
          { stream: streams.usage, consumers: [USAGE_CONSUMER] },
          { stream: streams.health, consumers: [] },
        ]);
      } catch (error) {
        logger.warn({ error }, "message bus is not ready; trying again");
        await pause(RETRY_MS, signal);
      }
    }
  }
}

function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, delayMs);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
