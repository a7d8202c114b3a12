import { vi } from "vitest";
import { logger } from "./test-ledger.ts";

/**
 * Counts, from now on, how often a relay could not say that the broker had what it sent. Only then
 * may the outbox announce something a second time.
 */
export function countFailedDrains(): () => number {
  const warn = vi.spyOn(logger, "warn");
  return () => warn.mock.calls.filter(([, text]) => text?.startsWith("outbox could not")).length;
}
