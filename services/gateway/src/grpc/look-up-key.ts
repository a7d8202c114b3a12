import { AppError } from "@fairlead/errors";
import type { LedgerService } from "@fairlead/proto/ledger/v1/ledger";
import type { RpcClient } from "@fairlead/rpc";
import type { LookUpKey } from "../domain/key-cache.ts";
import { insist } from "./insist.ts";

const TIMEOUT_MS = 2_000;

/** The key cache's way to the ledger. Throws `unavailable` with a client's message. */
export function lookUpKey(ledger: RpcClient<typeof LedgerService>): LookUpKey {
  return async (keyHmac, isPatient) => {
    try {
      const ask = () => ledger.lookUpKey({ keyHmac }, { timeoutMs: TIMEOUT_MS });
      return (await (isPatient ? insist(ask) : ask())).key;
    } catch (cause) {
      if (cause instanceof AppError && cause.code === "not_found") {
        return undefined;
      }
      throw new AppError("unavailable", "API keys cannot be checked now. Try again in a moment.", {
        retryAfterMs: 1_000,
        cause,
      });
    }
  };
}
