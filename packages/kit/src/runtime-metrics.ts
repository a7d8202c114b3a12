import { monitorEventLoopDelay } from "node:perf_hooks";
import { metrics } from "@opentelemetry/api";

const NANO_PER_SECOND = 1e9;
const MICRO_PER_SECOND = 1e6;

/** Event-loop delay, CPU and memory of this process, read when a scrape asks for them. */
export function observeRuntime(): () => void {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  const meter = metrics.getMeter("fairlead.kit");
  meter.createObservableGauge("nodejs.eventloop.delay.p99", { unit: "s" }).addCallback((result) => {
    result.observe(delay.percentile(99) / NANO_PER_SECOND);
    delay.reset();
  });
  meter.createObservableCounter("process.cpu.time", { unit: "s" }).addCallback((result) => {
    const { user, system } = process.cpuUsage();
    result.observe((user + system) / MICRO_PER_SECOND);
  });
  meter
    .createObservableGauge("process.memory.usage", { unit: "By" })
    .addCallback((result) => result.observe(process.memoryUsage.rss()));
  return () => delay.disable();
}
