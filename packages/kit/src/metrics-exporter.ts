import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { type CollectionResult, DataPointType, type MetricData } from "@opentelemetry/sdk-metrics";

/**
 * What Prometheus writes for a unit (OpenTelemetry's rules for Prometheus names). Annotations such
 * as `{request}` are no unit. Amounts of money are nano-USD; as doubles they are exact up to
 * 9 million USD and right to 16 digits above.
 */
const unitNames: Readonly<Record<string, string>> = {
  s: "seconds",
  By: "bytes",
  nUSD: "nano_usd",
};
const RATIO = "1";

/**
 * The exporter of the SDK, with the unit in each name: `…duration` in `s` becomes
 * `…_duration_seconds`. The SDK's own leaves the unit out, and a name without one misleads whoever
 * reads it in a query.
 */
export class MetricsExporter extends PrometheusExporter {
  override async collect(
    ...options: Parameters<PrometheusExporter["collect"]>
  ): Promise<CollectionResult> {
    const { resourceMetrics, errors } = await super.collect(...options);
    const scopeMetrics = resourceMetrics.scopeMetrics.map(({ scope, metrics }) => ({
      scope,
      metrics: metrics.map(nameUnit),
    }));
    return { resourceMetrics: { ...resourceMetrics, scopeMetrics }, errors };
  }
}

function nameUnit(metric: MetricData): MetricData {
  const { name, unit } = metric.descriptor;
  const isRatio = unit === RATIO && metric.dataPointType === DataPointType.GAUGE;
  const unitName = isRatio ? "ratio" : unitNames[unit];
  const hasName = unitName === undefined || name.replaceAll(".", "_").endsWith(`_${unitName}`);
  return {
    ...metric,
    descriptor: {
      ...metric.descriptor,
      unit: unitName ?? "",
      name: hasName ? name : `${name}.${unitName}`,
    },
  };
}
