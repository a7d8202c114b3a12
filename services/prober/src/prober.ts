import { setTimeout as delay } from "node:timers/promises";
import { create } from "@fairlead/proto/wire";
import { subjects } from "@fairlead/bus";
import type { Bus } from "@fairlead/bus";
import { AppError } from "@fairlead/errors";
import { type Logger, startSpan, toTraceparent } from "@fairlead/kit";
import { type ProbeResult, ProbeResultSchema } from "@fairlead/proto/events/v1/events";
import type { Candidate, RouterService } from "@fairlead/proto/router/v1/router";
import type { RpcClient } from "@fairlead/rpc";
import { type Tracer, trace } from "@opentelemetry/api";
import type { ProberPeers } from "./domain/prober-peers.ts";
import type { Finding, Schedule } from "./domain/schedule.ts";
import type { WorkerList } from "./domain/worker-list.ts";
import type { AdapterClients } from "./grpc/adapter-clients.ts";
import { createProberCounts, type ProberCounts } from "./prober-metrics.ts";

const ROUTER_TIMEOUT_MS = 2_000;

export interface ProberOptions {
  /** This prober, as it announces itself. */
  readonly name: string;
  readonly idleMs: number;
  readonly concurrency: number;
  readonly timeoutMs: number;
}

export interface ProberDependencies {
  readonly router: Pick<RpcClient<typeof RouterService>, "listIdleEndpoints">;
  readonly adapters: AdapterClients;
  readonly bus: Pick<Bus, "publish">;
  readonly workers: WorkerList;
  readonly peers: ProberPeers;
  readonly schedule: Schedule;
  readonly logger: Logger;
  readonly now: () => number;
}

/** Probes its share of the endpoints that have no traffic and publishes what it found. */
export class Prober {
  readonly #dependencies: ProberDependencies;
  readonly #options: ProberOptions;
  readonly #tracer: Tracer;
  readonly #counts: ProberCounts;
  readonly #running = new Set<Promise<void>>();

  constructor(dependencies: ProberDependencies, options: ProberOptions) {
    this.#dependencies = dependencies;
    this.#options = options;
    this.#tracer = trace.getTracer("fairlead.prober");
    this.#counts = createProberCounts({
      running: () => this.#running.size,
      peers: () => dependencies.peers.count(dependencies.now()),
    });
  }

  /** Round after round until the signal; resolves when the last probe has ended. */
  async run(roundMs: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.runRound(signal);
      await delay(roundMs, undefined, { signal }).catch(() => undefined);
    }
    await this.settle();
  }

  /** Asks for the idle endpoints and starts the probes that are due. Resolves once they run. */
  async runRound(signal: AbortSignal): Promise<void> {
    const { router, schedule, adapters, workers, peers, logger, now } = this.#dependencies;
    const free = this.#options.concurrency - this.#running.size;
    if (free <= 0) {
      return;
    }
    try {
      const { endpoints } = await router.listIdleEndpoints(
        { idleMs: this.#options.idleMs, limit: 1_000 },
        { timeoutMs: ROUTER_TIMEOUT_MS, signal },
      );
      adapters.keepOnly(workers.addresses());
      const byId = new Map(endpoints.map((endpoint) => [endpoint.endpointId, endpoint]));
      const own = peers.selectOwn([...byId.keys()], now());
      for (const id of schedule.take(own, free, now())) {
        const endpoint = byId.get(id);
        if (endpoint !== undefined) {
          this.#start(endpoint, signal);
        }
      }
    } catch (error) {
      if (!signal.aborted) {
        this.#counts.roundFailures += 1;
        logger.warn({ error }, "the router gave no idle endpoints");
      }
    }
  }

  /** Resolves when no probe is under way. */
  async settle(): Promise<void> {
    await Promise.all(this.#running);
  }

  #start(endpoint: Candidate, signal: AbortSignal): void {
    const probe = this.#probe(endpoint, signal).finally(() => this.#running.delete(probe));
    this.#running.add(probe);
  }

  async #probe(endpoint: Candidate, signal: AbortSignal): Promise<void> {
    const { adapters, bus, workers, schedule, logger, now } = this.#dependencies;
    const worker = workers.find(endpoint.pool, endpoint.provider, now());
    if (worker === undefined) {
      // Nobody could reach it: says nothing about the endpoint.
      schedule.finish(endpoint.endpointId, { isUp: true, isFree: true }, now());
      return;
    }
    const span = startSpan(this.#tracer, "probe");
    const traceparent = toTraceparent(span);
    let finding: Finding = { isUp: true, isFree: true };
    try {
      const answer = await adapters.get(worker.address).probe(
        {
          endpointId: endpoint.endpointId,
          provider: endpoint.provider,
          model: endpoint.model,
          upstreamModel: endpoint.upstreamModel,
          ...(endpoint.timeouts && { timeouts: endpoint.timeouts }),
        },
        { timeoutMs: this.#options.timeoutMs, signal, traceparent },
      );
      const { isUp } = answer;
      finding = { isUp, isFree: answer.isFree };
      const result: ProbeResult = create(ProbeResultSchema, {
        endpointId: endpoint.endpointId,
        atMs: BigInt(now()),
        isUp,
        latencyMs: answer.latencyMs,
        isFree: answer.isFree,
        prober: this.#options.name,
        ...(answer.fault && { fault: answer.fault }),
      });
      bus.publish(ProbeResultSchema, subjects.probe(endpoint.endpointId), result, { traceparent });
      this.#counts[isUp ? "up" : "down"] += 1;
    } catch (error) {
      // The worker failed, not the endpoint: no result is published.
      this.#counts.probeFailures += 1;
      if (!signal.aborted) {
        logger.warn({ error: AppError.from(error), endpoint: endpoint.endpointId }, "probe failed");
      }
    } finally {
      span.end();
      schedule.finish(endpoint.endpointId, finding, now());
    }
  }
}
