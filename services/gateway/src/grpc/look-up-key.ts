import { AppError } from "@fairlead/errors";
import type { Key, LedgerService } from "@fairlead/proto/ledger/v1/ledger";
import type { RpcClient } from "@fairlead/rpc";
import { insist } from "./insist.ts";

const TIMEOUT_MS = 2_000;

/** The key cache's way to the ledger. Throws `unavailable` with a client's message. */
export function lookUpKey(
  ledger: RpcClient<typeof LedgerService>,
): (hmac: Uint8Array) => Promise<Key | undefined> {
  return async (keyHmac) => {
    try {
      const ask = () => ledger.lookUpKey({ keyHmac }, { timeoutMs: TIMEOUT_MS });
      return (await insist(ask)).key;
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
