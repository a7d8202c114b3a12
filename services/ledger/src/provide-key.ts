import { AppError } from "@fairlead/errors";
import {
  hashApiKey,
  hmacApiKey,
  labelApiKey,
  type Logger,
  mintApiKey,
  parseApiKey,
} from "@fairlead/kit";
import type { z } from "zod";
import type { CreateKeyConfig, databaseConfig } from "./config.ts";
import type { KeyRecord } from "./domain/key-record.ts";
import type { Stores } from "./store/create-stores.ts";

export interface ProvideKeyOptions {
  readonly config: Omit<CreateKeyConfig, keyof z.output<typeof databaseConfig>>;
  readonly stores: Pick<Stores, "accounts" | "keys">;
  readonly logger: Logger;
  readonly now: () => number;
}

/**
 * Sees to it that the account, its starting credit and the key are there; run again, it changes
 * nothing. Returns the text of a key that was minted now, which nobody else has. Throws AppError:
 * `invalid_request` for a key of the wrong kind, `conflict` for one that cannot be used here.
 */
export async function provideKey(options: ProvideKeyOptions): Promise<string | undefined> {
  const { config, stores, logger, now } = options;
  const { KEY: given, KEY_KIND: kind, KEY_PEPPER: pepper } = config;
  if (given !== undefined && parseApiKey(given) !== kind) {
    throw new AppError("invalid_request", `KEY is no ${kind} key: set KEY_KIND or another KEY.`, {
      param: "KEY",
    });
  }
  const accountId = await provideAccount(options);
  const text = given ?? mintApiKey(kind);
  const key: KeyRecord = {
    keyId: hashApiKey(text),
    accountId,
    name: config.KEY_NAME,
    label: labelApiKey(text),
    isManagement: kind === "management",
    isDisabled: false,
    expiresAtMs: 0n,
    limitNano: undefined,
    limitReset: "",
    requestsPerMinute: 0,
    createdAtMs: BigInt(now()),
  };
  const keyHmac = hmacApiKey(pepper, text);
  const by = given === undefined ? "name" : "keyId";
  const known = await stores.keys.insertOnce(key, keyHmac, by);
  if (known === undefined) {
    logger.info({ label: key.label, accountId }, "key created");
    return given === undefined ? text : undefined;
  }
  if (given !== undefined) {
    await checkUsable(known, { accountId, keyHmac, stores });
  }
  logger.info({ label: known.label, accountId }, "the key is there already");
  return undefined;
}

async function provideAccount({ config, stores, logger }: ProvideKeyOptions): Promise<string> {
  const { ACCOUNT_NAME: name, STARTING_CREDIT_USD: amountNano } = config;
  const accountId = await stores.accounts.create(name, `create-key ${name}`);
  if (amountNano > 0n) {
    const idempotencyKey = `create-key ${name} credit`;
    const reason = "starting credit";
    await stores.accounts
      .addCredits({ accountId, amountNano, idempotencyKey, reason })
      .catch((error: unknown) => {
        if (AppError.from(error).code !== "conflict") {
          throw error;
        }
        logger.warn({ accountId }, "another starting credit was given before; it stays as it is");
      });
  }
  return accountId;
}

/** A key that is there but opens nothing, or something else, is not what was asked for. */
async function checkUsable(
  known: KeyRecord,
  wanted: {
    readonly accountId: string;
    readonly keyHmac: Uint8Array;
    readonly stores: Pick<Stores, "keys">;
  },
): Promise<void> {
  const refuse = (text: string) => new AppError("conflict", text, { param: "KEY" });
  if (known.accountId !== wanted.accountId) {
    throw refuse("KEY belongs to another account: set ACCOUNT_NAME to its name, or another KEY.");
  }
  if (known.isDisabled) {
    throw refuse("KEY is disabled: choose another one.");
  }
  if ((await wanted.stores.keys.findByHmac(wanted.keyHmac)) === undefined) {
    throw refuse("KEY was made under another KEY_PEPPER: restore that one, or choose another KEY.");
  }
}
