import type { Timeouts } from "@fairlead/catalog";
import type { ProviderFaultInfo } from "@fairlead/providers";
import { faults } from "./faults.ts";

/**
 * `queued`: no slot yet. `connecting`: no connection yet. `sent`: nothing of the answer yet.
 * `answering`: the head is there. `lingering`: the answer is complete, the connection not yet
 * free. `over`: nothing is held any more.
 */
export type AttemptPhase = "queued" | "connecting" | "sent" | "answering" | "lingering" | "over";

/** How far an attempt has come. Times are monotonic milliseconds of one clock. */
export interface AttemptProgress {
  readonly phase: AttemptPhase;
  readonly timeouts: Timeouts;
  readonly arrivedAtMs: number;
  readonly sentAtMs: number;
  readonly lastByteAtMs: number;
  readonly isStream: boolean;
  /** Text or reasoning has come. */
  readonly hasBegun: boolean;
  /** Of the answer's head; 0 before it. */
  readonly httpStatus: number;
}

/** The fault of an attempt that has taken too long for its phase, or undefined. */
export function findTimeout(
  nowMs: number,
  { phase, timeouts, httpStatus, ...progress }: AttemptProgress,
): ProviderFaultInfo | undefined {
  const elapsedMs = nowMs - progress.arrivedAtMs;
  if (elapsedMs > timeouts.totalMs) {
    return faults.totalTimeout(httpStatus);
  }
  switch (phase) {
    case "queued":
      return elapsedMs > timeouts.connectMs ? faults.busy() : undefined;
    case "connecting":
      return elapsedMs > timeouts.connectMs ? faults.connectTimeout() : undefined;
    case "sent":
    case "answering":
      break;
    default:
      return undefined;
  }
  if (progress.isStream && !progress.hasBegun) {
    const isLate = nowMs - progress.sentAtMs > timeouts.firstTokenMs;
    return isLate ? faults.firstTokenTimeout(httpStatus) : undefined;
  }
  // An answer in one piece is silent until it is complete: only its body must not stop.
  const isStalled = phase === "answering" && nowMs - progress.lastByteAtMs > timeouts.idleMs;
  return isStalled ? faults.stalled(httpStatus) : undefined;
}
