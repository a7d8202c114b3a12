import { HELM_VARIABLE } from "./helm.ts";
import { findHelm } from "./find-program.ts";

/**
 * Finds Helm once for all files. Without it the tests of the charts are skipped, and say so; a run
 * in CI must not pass that way.
 */
export function setup(): void {
  const helm = findHelm((text) => console.log(text));
  if (helm !== undefined) {
    process.env[HELM_VARIABLE] = helm;
    return;
  }
  const remedy = "Put Helm 3.14 or newer on the PATH, or Go, by which it is built.";
  if (process.env.CI !== undefined) {
    throw new Error(`The charts cannot be tested without Helm. ${remedy}`);
  }
  console.warn(`[notice] The tests of the charts are skipped: there is no Helm. ${remedy}`);
}
