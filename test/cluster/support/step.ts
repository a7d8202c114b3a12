import { appendFileSync } from "node:fs";

/** Set when the global setup has found a cluster. */
export const CLUSTER_VARIABLE = "FAIRLEAD_TEST_CLUSTER";
/** The file that gathers the times of all steps. */
export const STEPS_VARIABLE = "FAIRLEAD_TEST_CLUSTER_STEPS";

export const hasCluster = process.env[CLUSTER_VARIABLE] !== undefined;

/** Runs a named part of a test; its time is printed at the end of the suite. */
export async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  const startedAtMs = performance.now();
  let how = "";
  try {
    return await work();
  } catch (error) {
    how = " (failed)";
    throw error;
  } finally {
    recordStep(`${name}${how}`, performance.now() - startedAtMs);
  }
}

export function recordStep(name: string, durationMs: number): void {
  note(`${(durationMs / 1_000).toFixed(1).padStart(7)} s  ${name}`);
}

/** A measured fact, printed among the steps. */
export function note(text: string): void {
  const path = process.env[STEPS_VARIABLE];
  if (path !== undefined) {
    appendFileSync(path, `${text}\n`);
  }
}
