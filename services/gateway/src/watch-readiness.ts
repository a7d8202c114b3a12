import type { Readiness } from "@fairlead/kit";
import type { LedgerService } from "@fairlead/proto/ledger/v1/ledger";
import type { RpcClient } from "@fairlead/rpc";
import type { Gateway } from "./create-gateway.ts";

const RETRY_MS = 200;
const TIMEOUT_MS = 1_000;

/**
 * What the gateway's readiness depends on: a router (or plans from before), a worker, and a ledger
 * that answered once. Later the ledger may go away: leases in hand go on. Returns how to stop.
 */
export function watchReadiness(
  readiness: Readiness,
  gateway: Gateway,
  ledger: RpcClient<typeof LedgerService>,
): () => void {
  readiness.observe("router", () => {
    const isReady = gateway.routers.isReady || gateway.planner.hasPlans;
    return { isReady, detail: isReady ? undefined : "no router is connected" };
  });
  readiness.observe("workers", () => {
    const workers = gateway.workers.readyCount;
    return { isReady: workers > 0, detail: `${workers} connected` };
  });
  readiness.report("ledger", false, "has not answered yet");
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  const askLedger = async () => {
    const hasLedger = await probeLedger(ledger);
    if (hasLedger) {
      readiness.report("ledger", true);
    } else if (!isStopped) {
      timer = setTimeout(() => void askLedger(), RETRY_MS);
    }
  };
  void askLedger();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
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
