import { metrics } from "@opentelemetry/api";
import type { Readiness } from "./readiness.ts";

/** What /readyz says, as numbers: so that an alert can name the dependency that is away. */
export function observeReadiness(readiness: Readiness): void {
  const meter = metrics.getMeter("fairlead.kit");
  meter
    .createObservableGauge("fairlead.ready", { description: "1 while the process wants traffic" })
    .addCallback((result) => result.observe(readiness.isReady ? 1 : 0));
  meter
    .createObservableGauge("fairlead.dependency.ready", {
      description: "1 while what the process depends on answers",
    })
    .addCallback((result) => {
      for (const [dependency, isReady] of readiness.checks()) {
        result.observe(isReady ? 1 : 0, { dependency });
      }
    });
}
