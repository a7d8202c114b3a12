import { setFlagsFromString } from "node:v8";

/**
 * Sets V8's collector up for a process whose objects live as long as a request; to be called
 * before the first one.
 *
 * V8 creates what a line of code allocates among the old objects once most of what that line had
 * allocated survived a collection of the young ones. While a service warms up, requests are slow
 * and survive; from then on something of each request would be old from birth, and hold all that
 * the request reaches until a full collection.
 */
export function tuneCollector(): void {
  setFlagsFromString("--no-allocation-site-pretenuring");
}
