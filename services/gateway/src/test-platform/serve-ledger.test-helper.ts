import { AppError } from "@fairlead/errors";
import { Denial, type Key, LedgerService } from "@fairlead/proto/ledger/v1/ledger";
import { addService, type RpcServer } from "@fairlead/rpc";
import { lesser } from "../domain/bigints.ts";
import type { PlatformState } from "./state.test-helper.ts";

/** A ledger of one account. */
export function serveLedger(
  server: RpcServer,
  state: PlatformState,
  keys: ReadonlyMap<string, Key>,
): void {
  let leases = 0;
  const notThere = async (): Promise<never> => {
    throw new AppError("not_found", "Not in this test.");
  };
  const lend = (amountNano: bigint) => {
    leases += 1;
    state.creditNano -= amountNano;
    state.openLeasesNano += amountNano;
    return { leaseId: `lease-${leases}`, grantedNano: amountNano, availableNano: state.creditNano };
  };
  const refuse = { denial: Denial.CREDIT, availableNano: 0n };
  addService(server, LedgerService, {
    lookUpKey: async ({ keyHmac }) => {
      const key = keys.get(Buffer.from(keyHmac).toString("hex"));
      if (key === undefined) {
        throw new AppError("not_found", "No such key.");
      }
      return { key };
    },
    grantLease: async ({ needNano, wantNano }) => {
      const availableNano = state.creditNano;
      if (state.isStrict || availableNano < needNano) {
        return { ...refuse, availableNano, isStrict: state.isStrict };
      }
      const amount = lesser(wantNano, availableNano);
      return { ...lend(amount), expiresAtMs: BigInt(Date.now() + 60_000) };
    },
    reserve: async ({ needNano, wantNano }) => {
      const availableNano = state.creditNano;
      const amount = lesser(wantNano, availableNano);
      return amount < needNano ? { ...refuse, availableNano } : lend(amount);
    },
    closeLease: async ({ spentTotalNano }) => {
      state.closedLeases.push({ spentNano: spentTotalNano, billsBefore: state.events.length });
      return {};
    },
    submitUsage: notThere,
    getKeyUsage: async ({ keyId }) => ({
      key: { keyId, label: "sk-fl-v1-abc...123" },
      usageNano: 1_500_000_000n,
    }),
    getCredits: async () => ({ totalCreditsNano: 5_000_000_000n, totalUsageNano: 1n }),
    getGeneration: async ({ generationId }) => {
      const event = state.events.find((it) => it.generationId === generationId);
      return event === undefined ? notThere() : { event };
    },
    createAccount: notThere,
    createKey: notThere,
    addCredits: notThere,
    checkBooks: notThere,
  });
}
