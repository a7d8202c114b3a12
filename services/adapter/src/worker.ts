import type { Bus } from "@fairlead/bus";
import type { Catalog, Provider as Definition } from "@fairlead/catalog";
import { type Logger, TransientMap } from "@fairlead/kit";
import type { Provider } from "@fairlead/providers";
import { trace } from "@opentelemetry/api";
import { BindingTable } from "./bindings/binding-table.ts";
import { CredentialSource, type Environment } from "./bindings/credential-source.ts";
import type { AdapterConfig } from "./config.ts";
import { parseProviderPatterns } from "./domain/match-providers.ts";
import { RateLimitMemory } from "./domain/rate-limit-memory.ts";
import { AttemptPublisher } from "./events/attempt-publisher.ts";
import { BillPublisher } from "./events/bill-publisher.ts";
import { type AnswerLimits, defaultAnswerLimits } from "./generation/answer-reader.ts";
import type { AttemptReport } from "./generation/attempt-report.ts";
import { BillBook } from "./generation/bill-book.ts";
import type { GenerationContext } from "./generation/generation-context.ts";
import { createAttemptMetrics } from "./telemetry/attempt-metrics.ts";
import { recordAttemptSpan } from "./telemetry/record-attempt-span.ts";
import { DeadlineSweeper } from "./upstream/deadline-sweeper.ts";
import { FlushQueue } from "./upstream/flush-queue.ts";
import { Upstream } from "./upstream/upstream.ts";

const HOUSEKEEPING_MS = 1_000;
/** Of the socket; how long a request may wait for its connection is up to its plan. */
const CONNECT_TIMEOUT_MS = 10_000;
const HEADER_BYTES_MAX = 16 * 1024;
const BILLS_MAX = 50_000;
const BILL_GRACE_MS = 5_000;
/** Less than gateways wait for it (`abortGraceMs`: 2.5 s), or nobody would bill what came. */
const ABANDONED_MS = 2_000;

export interface WorkerOptions {
  readonly config: Pick<
    AdapterConfig,
    "ADAPTER_PROVIDERS" | "ADAPTER_CAPACITY" | "ADAPTER_CONCURRENCY" | "ADAPTER_QUEUE"
  >;
  readonly environment: Environment;
  readonly bus: Pick<Bus, "publish" | "publishDurable">;
  readonly logger: Logger;
  /** Unique to this life of the process. */
  readonly instance: string;
  readonly catalog: Catalog;
  readonly findTranslation: (definition: Definition) => Provider;
  /** Called when the providers that can be served may have changed. */
  readonly onProvidersChange: () => void;
  readonly limits?: Partial<AnswerLimits>;
  readonly billGraceMs?: number;
  readonly abandonedMs?: number;
}

/** Everything that one adapter process holds, beside its server and its connection to the bus. */
export interface Worker {
  readonly context: GenerationContext;
  readonly bindings: BindingTable;
  useCatalog(catalog: Catalog): void;
  /** No call will come any more: sends out what is still to be billed and reported. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

export function createWorker(options: WorkerOptions): Worker {
  const { config, bus, logger, instance } = options;
  const now = (): number => performance.now();
  const credentials = new CredentialSource(options.environment);
  const bindings = createBindings(options, credentials);
  const publisher = new BillPublisher({ bus, worker: instance, logger });
  const attempts = new AttemptPublisher(bus, instance);
  const context: GenerationContext = {
    upstream: new Upstream({
      // Slots bound the connections; several providers may share an origin.
      connectionsMax: config.ADAPTER_CAPACITY,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      headerBytesMax: HEADER_BYTES_MAX,
    }),
    sweeper: new DeadlineSweeper(now),
    flushQueue: new FlushQueue(now, (error) => {
      logger.error({ error }, "the output of a generation could not be sent");
    }),
    rateLimits: new RateLimitMemory(),
    bills: new BillBook({
      claim: (bill) => publisher.add(bill),
      now,
      graceMs: options.billGraceMs ?? BILL_GRACE_MS,
      billsMax: BILLS_MAX,
    }),
    limits: { ...defaultAnswerLimits, ...options.limits },
    abandonedMs: options.abandonedMs ?? ABANDONED_MS,
    open: new TransientMap(),
    now,
    report: (report) => reportAttempt(report),
    warn: (error, { slug }) =>
      logger.error({ error, provider: slug }, "an attempt met a fault of our own"),
  };
  const record = createAttemptMetrics({
    streams: () => context.open.size,
    queued: () => [...bindings.limits].reduce((sum, limit) => sum + limit.waiting, 0),
    connections: () => context.upstream.connections,
    unacknowledgedBills: () => context.bills.size,
    orphanedBills: () => publisher.pending,
  });
  const tracer = trace.getTracer("fairlead.adapter");

  function reportAttempt(report: AttemptReport): void {
    attempts.add(report.endpointId, {
      atMs: report.startedAtMs + report.durationMs,
      isSuccess: report.fault === undefined && !report.isCancelled,
      isCancelled: report.isCancelled,
      fault: report.fault,
      firstTokenMs: report.firstTokenMs,
      durationMs: report.durationMs,
      completionTokens: report.counted.usage.completionTokens,
    });
    record(report);
    recordAttemptSpan(tracer, report);
  }

  let { catalog } = options;
  function load(): void {
    for (const slug of bindings.load(catalog)) {
      context.rateLimits.forgetProvider(slug);
    }
    logger.info({ providers: bindings.slugs.length }, "providers loaded");
    options.onProvidersChange();
  }
  load();
  credentials.hasChanged();
  const housekeeping = setInterval(() => {
    context.bills.sweep();
    if (credentials.hasChanged()) {
      load();
    }
  }, HOUSEKEEPING_MS);

  return {
    context,
    bindings,
    useCatalog(changed) {
      catalog = changed;
      load();
    },
    async settle() {
      attempts.close();
      context.bills.claimAll();
      await publisher.flush();
    },
    async close() {
      clearInterval(housekeeping);
      attempts.close();
      context.sweeper.close();
      publisher.close();
      await context.upstream.close();
    },
  };
}

function createBindings(options: WorkerOptions, credentials: CredentialSource): BindingTable {
  const { config, environment, findTranslation } = options;
  return new BindingTable({
    credentials,
    environment,
    isSelected: parseProviderPatterns(config.ADAPTER_PROVIDERS),
    findTranslation,
    concurrency: config.ADAPTER_CONCURRENCY,
    waitersMax: config.ADAPTER_QUEUE,
  });
}
