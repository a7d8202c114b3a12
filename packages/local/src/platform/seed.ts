import { AppError } from "@fairlead/errors";
import { hmacApiKey } from "@fairlead/kit";
import { LedgerService } from "@fairlead/proto/ledger/v1/ledger";
import { createClient, type RpcClient } from "@fairlead/rpc";
import type { Secrets } from "../home/secrets.ts";

const CALL = { timeoutMs: 10_000 };
const NANO_PER_USD = 1_000_000_000n;
const CREDIT_USD = 100n;
/** The same account at every start. */
const ACCOUNT = "fairlead-local";

export interface Keys {
  readonly apiKey: string;
  readonly managementKey: string;
}

type Ledger = RpcClient<typeof LedgerService>;

/**
 * An account with credit, and two keys that stay the same over restarts. Keys that the ledger does
 * not know (it is another database) are made anew.
 */
export async function seed(options: {
  readonly ledgerAddress: string;
  readonly keyPepper: string;
  readonly secrets: Secrets;
}): Promise<Keys> {
  const ledger = createClient(LedgerService, options.ledgerAddress);
  try {
    const { accountId } = await ledger.createAccount(
      { name: "Local", idempotencyKey: ACCOUNT },
      CALL,
    );
    await ledger.addCredits(
      {
        accountId,
        amountNano: CREDIT_USD * NANO_PER_USD,
        idempotencyKey: `${ACCOUNT}-credit`,
        reason: "npm start",
      },
      CALL,
    );
    const provide = (name: string, isManagement: boolean) =>
      provideKey({ ...options, ledger, accountId, name, isManagement });
    return {
      apiKey: await provide("api-key", false),
      managementKey: await provide("management-key", true),
    };
  } finally {
    ledger.close();
  }
}

async function provideKey(options: {
  readonly ledger: Ledger;
  readonly secrets: Secrets;
  readonly keyPepper: string;
  readonly accountId: string;
  readonly name: string;
  readonly isManagement: boolean;
}): Promise<string> {
  const { ledger, secrets, name } = options;
  const kept = secrets.read(name);
  if (kept !== undefined && (await isKnown(ledger, hmacApiKey(options.keyPepper, kept)))) {
    return kept;
  }
  const { keyText } = await ledger.createKey(
    { accountId: options.accountId, name: `Local ${name}`, isManagement: options.isManagement },
    CALL,
  );
  secrets.write(name, keyText);
  return keyText;
}

async function isKnown(ledger: Ledger, keyHmac: Uint8Array): Promise<boolean> {
  try {
    await ledger.lookUpKey({ keyHmac }, CALL);
    return true;
  } catch (error) {
    if (AppError.from(error).code === "not_found") {
      return false;
    }
    throw error;
  }
}
