import type { Counts } from "@fairlead/simulator";
import { openPortForward } from "./port-forward.ts";
import type { Release } from "./release.ts";

/** What the provider of the release has counted: everything that reached it, probes included. */
export async function readSimulatedCounts({ namespace, name }: Release): Promise<Counts> {
  await using forward = await openPortForward(namespace, `service/${name}-simulator`, 9100);
  const response = await fetch(`http://127.0.0.1:${forward.port}/control/counts`);
  return (await response.json()) as Counts;
}
