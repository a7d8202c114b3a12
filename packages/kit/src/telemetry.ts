import type { IncomingMessage, ServerResponse } from "node:http";
import { metrics, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { histogramProducer } from "./histogram.ts";
import { MetricsExporter } from "./metrics-exporter.ts";
import { RateAndRatioSampler } from "./sampler.ts";
import { attr } from "./semconv.ts";

const FLUSH_EVERY_MS = 1_000;
const QUEUE_SPANS_MAX = 8_192;
const BATCH_SPANS_MAX = 512;
const EXPORT_TIMEOUT_MS = 5_000;

export interface TelemetryOptions {
  readonly service: string;
  readonly instance: string;
  /** Base address of an OTLP/HTTP receiver; without one nothing is recorded. */
  readonly otlpEndpoint?: string | undefined;
  readonly sampleRatio: number;
  readonly samplePerSecond: number;
}

export interface Telemetry {
  /** Answers a scrape in the Prometheus text format. */
  serveMetrics(request: IncomingMessage, response: ServerResponse): void;
  shutdown(): Promise<void>;
}

/**
 * Sets the process's tracer and meter providers. Spans are started by hand where they matter;
 * nothing is instrumented by itself.
 */
export function startTelemetry(options: TelemetryOptions): Telemetry {
  const resource = resourceFromAttributes({
    [attr.serviceNamespace]: "fairlead",
    [attr.serviceName]: options.service,
    [attr.serviceInstanceId]: options.instance,
  });
  const tracerProvider =
    options.otlpEndpoint === undefined
      ? undefined
      : new TracerProvider({
          resource,
          sampler: new RateAndRatioSampler({
            perSecond: options.samplePerSecond,
            ratio: options.sampleRatio,
          }),
          spanProcessors: [
            new BatchSpanProcessor({
              exporter: new OTLPTraceExporter({
                url: new URL("v1/traces", withSlash(options.otlpEndpoint)).href,
                timeoutMillis: EXPORT_TIMEOUT_MS,
              }),
              scheduledDelayMillis: FLUSH_EVERY_MS,
              maxQueueSize: QUEUE_SPANS_MAX,
              maxExportBatchSize: BATCH_SPANS_MAX,
            }),
          ],
        });
  if (tracerProvider !== undefined) {
    trace.setGlobalTracerProvider(tracerProvider);
  }
  const prometheus = new MetricsExporter({
    preventServerStart: true,
    withoutScopeInfo: true,
    metricProducers: [histogramProducer],
  });
  const meterProvider = new MeterProvider({ resource, readers: [prometheus] });
  metrics.setGlobalMeterProvider(meterProvider);
  return {
    serveMetrics: (request, response) => prometheus.getMetricsRequestHandler(request, response),
    async shutdown() {
      await Promise.allSettled([tracerProvider?.shutdown(), meterProvider.shutdown()]);
    },
  };
}

function withSlash(address: string): string {
  return address.endsWith("/") ? address : `${address}/`;
}
