import type { Readiness } from "@fairlead/kit";
import type { LedgerService } from "@fairlead/proto/ledger/v1/ledger";
import type { RpcClient } from "@fairlead/rpc";
import type { Gateway } from "./create-gateway.ts";

const INTERVAL_MS = 200;
const TIMEOUT_MS = 1_000;

/**
 * Keeps the readiness up to date: a router (or plans from before), a worker, and a ledger that
 * answered once. Later the ledger may go away: leases in hand go on. Returns how to stop.
 */
export function watchReadiness(
  readiness: Readiness,
  gateway: Gateway,
  ledger: RpcClient<typeof LedgerService>,
): () => void {
  let hasLedger = false;
  let isAsking = false;
  const askLedger = () => {
    isAsking = true;
    probeLedger(ledger)
      .then((isThere) => {
        hasLedger = isThere;
      })
      .catch(() => undefined)
      .finally(() => {
        isAsking = false;
      });
  };
  const check = () => {
    const hasRouter = gateway.routers.isReady || gateway.planner.hasPlans;
    const workers = gateway.workers.readyCount;
    readiness.report("router", hasRouter, hasRouter ? undefined : "no router is connected");
    readiness.report("workers", workers > 0, `${workers} connected`);
    readiness.report("ledger", hasLedger, hasLedger ? undefined : "has not answered yet");
    if (!hasLedger && !isAsking) {
      askLedger();
    }
  };
  check();
  const timer = setInterval(check, INTERVAL_MS);
  return () => clearInterval(timer);
}

/** A key that cannot exist: any answer, "not found" included, says that the ledger is there. */
async function probeLedger(ledger: RpcClient<typeof LedgerService>): Promise<boolean> {
  try {
    await ledger.lookUpKey({ keyHmac: new Uint8Array(32) }, { timeoutMs: TIMEOUT_MS });
    return true;
  } catch (error) {
    return isNotFound(error);
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "not_found";
}
