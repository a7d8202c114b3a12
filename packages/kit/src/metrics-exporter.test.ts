import type { IncomingMessage, ServerResponse } from "node:http";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { expect, it } from "vitest";
import { MetricsExporter } from "./metrics-exporter.ts";

async function scrape(record: (provider: MeterProvider) => void): Promise<string> {
  const exporter = new MetricsExporter({ preventServerStart: true, withoutTargetInfo: true });
  record(new MeterProvider({ readers: [exporter] }));
  return await new Promise((resolve) => {
    const response = { statusCode: 0, setHeader: () => undefined, end: resolve };
    exporter.getMetricsRequestHandler({} as IncomingMessage, response as unknown as ServerResponse);
  });
}

it("puts the unit into the name, once, and before _total", async () => {
  const text = await scrape((provider) => {
    const meter = provider.getMeter("test");
    meter.createHistogram("a.duration", { unit: "s" }).record(1);
    meter.createCounter("b.time", { unit: "s" }).add(1);
    meter.createGauge("c.bytes", { unit: "By" }).record(1);
    meter.createGauge("d.amount", { unit: "nUSD" }).record(1);
    meter.createGauge("e.busy", { unit: "1" }).record(1);
    meter.createCounter("f.parts", { unit: "1" }).add(1);
    meter.createGauge("g.requests", { unit: "{request}" }).record(1);
  });
  const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
  expect(names).toEqual([
    "a_duration_seconds",
    "b_time_seconds_total",
    "c_bytes",
    "d_amount_nano_usd",
    "e_busy_ratio",
    "f_parts_total",
    "g_requests",
  ]);
  expect(text).toContain('a_duration_seconds_bucket{otel_scope_name="test",le="5"} 1');
});
