import { AppError } from "@fairlead/errors";
import { hashApiKey, hmacApiKey, labelApiKey, mintApiKey } from "@fairlead/kit";
import type { CreateKeyRequest, LedgerService } from "@fairlead/proto/ledger/v1/ledger";
import type { ServiceHandlers } from "@fairlead/rpc";
import { isLimitReset, type KeyRecord } from "../domain/key-record.ts";
import { usageWindows } from "../domain/usage-windows.ts";
import type { KeyStore } from "../store/key-store.ts";
import { requireAmount, requireText } from "./read-request.ts";

const HMAC_BYTES = 32;
const REQUESTS_PER_MINUTE_MAX = 2 ** 31 - 1;

type Handlers = Pick<
  ServiceHandlers<typeof LedgerService>,
  "lookUpKey" | "createKey" | "getKeyUsage"
>;

export interface KeyDependencies {
  readonly keys: KeyStore;
  readonly keyPepper: string;
  readonly now: () => number;
  /** Called when an announcement of a change is in the outbox. */
  readonly onKeyChange: () => void;
}

export function createKeyHandlers(dependencies: KeyDependencies): Handlers {
  const { keys, keyPepper, now, onKeyChange } = dependencies;
  return {
    async lookUpKey({ keyHmac }) {
      if (keyHmac.length !== HMAC_BYTES) {
        const text = "key_hmac must have 32 bytes.";
        throw new AppError("invalid_request", text, { param: "key_hmac" });
      }
      return { key: toMessage(found(await keys.findByHmac(keyHmac))) };
    },

    async createKey(request) {
      const keyText = mintApiKey(request.isManagement ? "management" : "inference");
      const key = buildKey(request, keyText, now());
      if (!(await keys.insert(key, hmacApiKey(keyPepper, keyText)))) {
        throw new AppError("not_found", "There is no such account.", { param: "account_id" });
      }
      onKeyChange();
      return { keyText, key: toMessage(key) };
    },

    async getKeyUsage({ keyId }) {
      const key = found(await keys.findById(requireText(keyId, "key_id")));
      const nowMs = now();
      const usage = await keys.readUsage(key, usageWindows(nowMs), nowMs);
      const { limitNano } = key;
      const remaining = limitNano && limitNano - (usage.windowSpentNano ?? 0n);
      return {
        key: toMessage(key),
        usageNano: usage.totalNano,
        usageDailyNano: usage.dailyNano,
        usageWeeklyNano: usage.weeklyNano,
        usageMonthlyNano: usage.monthlyNano,
        isFreeTier: usage.isFreeTier,
        ...(remaining !== undefined && { limitRemainingNano: remaining < 0n ? 0n : remaining }),
      };
    },
  };
}

function buildKey(request: CreateKeyRequest, keyText: string, nowMs: number): KeyRecord {
  const { limitNano, limitReset, requestsPerMinute } = request;
  if (!isLimitReset(limitReset)) {
    const text = "limit_reset must be empty, daily, weekly or monthly.";
    throw new AppError("invalid_request", text, { param: "limit_reset" });
  }
  if (limitReset !== "" && limitNano === undefined) {
    const text = "limit_reset needs a limit_nano to reset.";
    throw new AppError("invalid_request", text, { param: "limit_reset" });
  }
  if (requestsPerMinute > REQUESTS_PER_MINUTE_MAX) {
    const text = "requests_per_minute is too large.";
    throw new AppError("invalid_request", text, { param: "requests_per_minute" });
  }
  return {
    keyId: hashApiKey(keyText),
    accountId: requireText(request.accountId, "account_id"),
    name: requireText(request.name, "name"),
    label: labelApiKey(keyText),
    isManagement: request.isManagement,
    isDisabled: request.isDisabled,
    expiresAtMs: requireAmount(request.expiresAtMs, "expires_at_ms"),
    limitNano: limitNano === undefined ? undefined : requireAmount(limitNano, "limit_nano"),
    limitReset,
    requestsPerMinute,
    createdAtMs: BigInt(nowMs),
  };
}

function found(key: KeyRecord | undefined): KeyRecord {
  if (key === undefined) {
    throw new AppError("not_found", "There is no such key.");
  }
  return key;
}

function toMessage({ limitNano, ...key }: KeyRecord) {
  return { ...key, ...(limitNano !== undefined && { limitNano }) };
}
