import type { Timeouts } from "@fairlead/catalog";
import type { ProbePlan, ProviderFaultInfo } from "@fairlead/providers";
import { faults } from "../domain/faults.ts";
import { BodyCollector } from "./body-collector.ts";
import { toConnectionFault } from "./connection-fault.ts";
import type { Deadlined, DeadlineSweeper } from "./deadline-sweeper.ts";
import type { Exchange, ExchangeListener } from "./exchange.ts";
import type { Upstream, UpstreamAddress } from "./upstream.ts";

/** Lists of models run to hundreds of kilobytes; nothing needs to be read of more. */
const BODY_BYTES_MAX = 4 * 1024 * 1024;

export interface ProbeOptions {
  readonly upstream: Upstream;
  readonly sweeper: DeadlineSweeper;
  readonly now: () => number;
  readonly address: UpstreamAddress;
  readonly plan: ProbePlan;
  readonly timeouts: Timeouts;
  readonly requestId: string;
  readonly signal: AbortSignal;
}

export interface ProbeOutcome {
  /** Undefined = the endpoint is up. */
  readonly fault: ProviderFaultInfo | undefined;
  readonly latencyMs: number;
}

/** Carries out one probe. Never rejects. */
export function runProbe(options: ProbeOptions): Promise<ProbeOutcome> {
  return new Promise((resolve) => new ProbeExchange(options, resolve).start());
}

class ProbeExchange implements ExchangeListener, Deadlined {
  sweeperIndex = -1;
  readonly #options: ProbeOptions;
  readonly #resolve: (outcome: ProbeOutcome) => void;
  readonly #body = new BodyCollector(BODY_BYTES_MAX);
  readonly #startedAtMs: number;
  readonly #cancel = (): void => this.#end(faults.cut());
  #exchange: Exchange | undefined;
  #isSent = false;
  #httpStatus = 0;
  #headers: Readonly<Record<string, string | readonly string[] | undefined>> = {};

  constructor(options: ProbeOptions, resolve: (outcome: ProbeOutcome) => void) {
    this.#options = options;
    this.#resolve = resolve;
    this.#startedAtMs = options.now();
  }

  start(): void {
    const { upstream, sweeper, address, plan, requestId, signal } = this.#options;
    sweeper.watch(this);
    signal.addEventListener("abort", this.#cancel, { once: true });
    this.#exchange = upstream.open(address, plan, requestId, this);
  }

  sent(): void {
    this.#isSent = true;
  }

  head(
    httpStatus: number,
    headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  ): void {
    this.#httpStatus = httpStatus;
    this.#headers = headers;
  }

  data(chunk: Buffer): void {
    this.#body.push(chunk);
    if (this.#body.isOverflown) {
      this.closed();
    }
  }

  closed(): void {
    const status = this.#httpStatus;
    const isRedirect = status >= 300 && status < 400;
    this.#end(
      isRedirect
        ? faults.redirect(status)
        : this.#options.plan.judge(status, this.#headers, this.#body.toString()),
    );
  }

  broken(error: Error): void {
    this.#end(toConnectionFault(error, this.#httpStatus));
  }

  checkDeadline(nowMs: number): void {
    const { connectMs, firstTokenMs } = this.#options.timeouts;
    const elapsedMs = nowMs - this.#startedAtMs;
    if (!this.#isSent && elapsedMs > connectMs) {
      this.#end(faults.connectTimeout());
    } else if (elapsedMs > connectMs + firstTokenMs) {
      this.#end(faults.firstTokenTimeout(this.#httpStatus));
    }
  }

  #end(fault: ProviderFaultInfo | undefined): void {
    const { sweeper, signal, now } = this.#options;
    sweeper.forget(this);
    signal.removeEventListener("abort", this.#cancel);
    this.#exchange?.abort();
    this.#resolve({ fault, latencyMs: now() - this.#startedAtMs });
  }
}
