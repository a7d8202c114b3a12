import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { metrics } from "@opentelemetry/api";

const NANO_PER_SECOND = 1e9;
/** Each look wakes the process: at the default of 10 ms that is most of what an idle one costs. */
const DELAY_RESOLUTION_MS = 500;
const MICRO_PER_SECOND = 1e6;

/** Event-loop delay, CPU and memory of this process, read when a scrape asks for them. */
export function observeRuntime(): () => void {
  const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  delay.enable();
  const meter = metrics.getMeter("fairlead.kit");
  meter.createObservableGauge("nodejs.eventloop.delay.p99", { unit: "s" }).addCallback((result) => {
    // What is measured is the time between two looks.
    const betweenSeconds = delay.percentile(99) / NANO_PER_SECOND;
    result.observe(Math.max(0, betweenSeconds - DELAY_RESOLUTION_MS / 1_000));
    delay.reset();
  });
  let last = performance.eventLoopUtilization();
  meter
    .createObservableGauge("nodejs.eventloop.utilization", {
      unit: "1",
      description: "Share of the time since the last scrape in which the event loop was busy",
    })
    .addCallback((result) => {
      const current = performance.eventLoopUtilization();
      result.observe(performance.eventLoopUtilization(current, last).utilization);
      last = current;
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
