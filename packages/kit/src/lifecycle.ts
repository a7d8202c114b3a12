import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { AppError } from "@fairlead/errors";
import type { BaseConfig } from "./config.ts";
import { createLogger, type Logger } from "./logger.ts";
import { observeCertificates } from "./observe-certificates.ts";
import { startOpsServer } from "./ops-server.ts";
import { observeReadiness } from "./readiness-metrics.ts";
import { Readiness } from "./readiness.ts";
import { observeRuntime } from "./runtime-metrics.ts";
import type { ServiceContext } from "./service-context.ts";
import { startTelemetry } from "./telemetry.ts";
import { tuneCollector } from "./tune-collector.ts";

/** After the drain's own deadline, closing may take this long before the process is ended. */
const CLOSE_TIMEOUT_MS = 5_000;

interface Drain {
  readonly name: string;
  readonly run: (signal: AbortSignal) => Promise<void>;
}

export interface ServiceOptions {
  readonly name: string;
  readonly config: BaseConfig;
}

/**
 * Runs one service from its start to its exit.
 *
 * SIGTERM or SIGINT, also during the start: not ready, wait DRAIN_DELAY_MS, drain, close everything
 * in reverse order, flush telemetry, exit 0. A second signal or the deadline forces it. A start
 * that fails prints one sentence and exits 1 with nothing left open.
 */
export async function runService(
  options: ServiceOptions,
  start: (service: ServiceContext) => Promise<void>,
): Promise<void> {
  const { name, config } = options;
  tuneCollector();
  const logger = createLogger({ service: name, level: config.LOG_LEVEL });
  const instance = `${name}-${hostname()}-${randomUUID().slice(0, 8)}`;
  const readiness = new Readiness();
  const stopping = new AbortController();
  const stack = new AsyncDisposableStack();
  const drains: Drain[] = [];
  const stopped = waitForSignal(logger).then(() => {
    readiness.setDraining();
    stopping.abort();
  });
  failOnUnhandled(logger);
  try {
    const telemetry = startTelemetry({
      service: `fairlead-${name}`,
      instance,
      otlpEndpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT,
      sampleRatio: config.TRACE_SAMPLE_RATIO,
      samplePerSecond: config.TRACE_SAMPLE_PER_SECOND,
    });
    stack.adopt(telemetry, (it) => it.shutdown());
    stack.defer(observeRuntime());
    observeCertificates(config);
    observeReadiness(readiness);
    const ops = await startOpsServer({
      host: config.OPS_HOST,
      port: config.OPS_PORT,
      readiness,
      telemetry,
    });
    stack.adopt(ops, (server) => server.close());
    await start({
      logger,
      readiness,
      instance,
      signal: stopping.signal,
      use: (resource, close) => stack.adopt(resource, close),
      onDrain: (drainName, run) => drains.push({ name: drainName, run }),
    });
    readiness.setRunning();
    logger.info({ instance, opsPort: ops.port }, "started");
  } catch (error) {
    const wasStopped = stopping.signal.aborted;
    if (wasStopped) {
      logger.info("stopped before it had started");
    } else {
      reportStartFailure(logger, name, error);
    }
    await Promise.race([stack.disposeAsync().catch(() => undefined), delay(CLOSE_TIMEOUT_MS)]);
    process.exit(wasStopped ? 0 : 1);
  }
  await stopped;
  const deadlineMs = config.DRAIN_DELAY_MS + config.DRAIN_TIMEOUT_MS + CLOSE_TIMEOUT_MS;
  setTimeout(() => forceExit(logger, "drain deadline passed"), deadlineMs).unref();
  await delay(config.DRAIN_DELAY_MS);
  await drainAll(drains, config.DRAIN_TIMEOUT_MS, logger);
  await stack.disposeAsync().catch((error: unknown) => logger.error({ error }, "closing failed"));
  logger.info("stopped");
  process.exit(0);
}

async function drainAll(
  drains: readonly Drain[],
  timeoutMs: number,
  logger: Logger,
): Promise<void> {
  const signal = AbortSignal.timeout(Math.max(1, timeoutMs));
  for (const { name, run } of drains.toReversed()) {
    try {
      await run(signal);
    } catch (error) {
      logger.error({ error, drain: name }, "drain failed");
    }
  }
}

function waitForSignal(logger: Logger): Promise<void> {
  return new Promise((resolve) => {
    let count = 0;
    const receive = (signal: NodeJS.Signals) => {
      count += 1;
      if (count > 1) {
        forceExit(logger, "second signal");
      }
      logger.info({ signal }, "stopping");
      resolve();
    };
    process.on("SIGTERM", receive);
    process.on("SIGINT", receive);
  });
}

function reportStartFailure(logger: Logger, name: string, error: unknown): void {
  const known = AppError.from(error);
  const sentence =
    known.code === "internal" ? "failed to start; the log has the cause." : known.message;
  logger.fatal({ error }, "start failed");
  process.stderr.write(`fairlead ${name}: ${sentence}\n`);
}

/**
 * A fault that nobody handles leaves the process in an unknown state: end it, let it be restarted.
 */
function failOnUnhandled(logger: Logger): void {
  const fail = (error: unknown) => {
    logger.fatal({ error }, "unhandled error");
    process.exit(70);
  };
  process.on("uncaughtException", fail);
  process.on("unhandledRejection", fail);
}

function forceExit(logger: Logger, reason: string): never {
  logger.warn({ reason }, "forced exit");
  process.exit(1);
}
