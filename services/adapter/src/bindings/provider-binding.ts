import type { Timeouts } from "@fairlead/catalog";
import type { Provider } from "@fairlead/providers";
import type { ConcurrencyLimit } from "../domain/concurrency-limit.ts";
import type { UpstreamAddress } from "../upstream/upstream.ts";

/** A provider that this worker can call: its translation, its address and its credential. */
export interface ProviderBinding {
  readonly slug: string;
  readonly provider: Provider;
  readonly address: UpstreamAddress;
  /** Host of the address, for telemetry. */
  readonly host: string;
  /** Only to keep it out of what leaves this process. */
  readonly credential: string | undefined;
  /** The same object through reloads, so that calls in flight stay counted. */
  readonly limit: ConcurrencyLimit;
  /** For what a request leaves at 0. */
  readonly timeouts: Timeouts;
}
