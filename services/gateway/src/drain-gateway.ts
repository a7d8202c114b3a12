import type { Server } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { Gateway } from "./create-gateway.ts";
import type { UsageOutbox } from "./events/usage-outbox.ts";
import { defaultChatLimits } from "./http/chat-deps.ts";
import { drainServer } from "./http/drain-server.ts";

/**
 * A request that was cut is settled when its worker has said what it used, or by an estimate when
 * the worker's time for that is over: not before, or there would be no bill at all.
 */
const SETTLE_MS_MAX = defaultChatLimits.abortGraceMs + 500;
const SETTLE_CHECK_MS = 20;

/** A client that has not come back by then hardly comes back in the moment of the close. */
const KEEP_IDLE_MS_MAX = 60_000;

/** Of a drain of so long: what begins on an idle connection has at least half of it. */
export function chooseKeepIdleMs(drainTimeoutMs: number): number {
  return Math.min(drainTimeoutMs / 2, KEEP_IDLE_MS_MAX);
}

export interface DrainedParts {
  readonly server: Server;
  readonly gateway: Pick<Gateway, "openRequests"> & {
    readonly leases: Pick<Gateway["leases"], "closeAll">;
  };
  readonly outbox: Pick<UsageOutbox, "flush">;
  /** How long a connection may stay without a request; see `drainServer`. */
  readonly keepIdleMs: number;
}

/**
 * Waits for the open answers, which are cut when the signal aborts; then for their bills; then
 * gives the leases back. A lease that is closed before the last bill of its requests would state
 * less than they spent.
 */
export async function drainGateway(parts: DrainedParts, signal: AbortSignal): Promise<void> {
  const { server, gateway, outbox, keepIdleMs } = parts;
  await drainServer(server, signal, keepIdleMs);
  const deadlineMs = performance.now() + SETTLE_MS_MAX;
  while (gateway.openRequests > 0 && performance.now() < deadlineMs) {
    await delay(SETTLE_CHECK_MS);
  }
  await outbox.flush();
  await gateway.leases.closeAll();
}
