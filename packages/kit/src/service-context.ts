import type { Logger } from "./logger.ts";
import type { Readiness } from "./readiness.ts";

/** What a service's main receives: where it registers all that must end when the process ends. */
export interface ServiceContext {
  readonly logger: Logger;
  readonly readiness: Readiness;
  /** Unique to this life of the process. */
  readonly instance: string;
  /** Fires when the process begins to drain. */
  readonly signal: AbortSignal;
  /** Registers how a resource is closed; the last one registered is closed first. */
  use<T>(resource: T, close: (resource: T) => Promise<void> | void): T;
  /**
   * Registers work to finish before anything is closed; the last one registered runs first. The
   * signal aborts when DRAIN_TIMEOUT_MS is over.
   */
  onDrain(name: string, drain: (signal: AbortSignal) => Promise<void>): void;
}
