import { AppError } from "@fairlead/errors";
import type { LedgerService } from "@fairlead/proto/ledger/v1/ledger";
import type { ServiceHandlers } from "@fairlead/rpc";
import type { AccountStore } from "../store/account-store.ts";
import type { Books } from "../store/check-books.ts";
import { requireAmount, requireText } from "./read-request.ts";

type Handlers = Pick<
  ServiceHandlers<typeof LedgerService>,
  "createAccount" | "addCredits" | "getCredits" | "checkBooks"
>;

export interface AccountDependencies {
  readonly accounts: AccountStore;
  readonly checkBooks: () => Promise<Books>;
}

export function createAccountHandlers({ accounts, checkBooks }: AccountDependencies): Handlers {
  return {
    async createAccount({ name, idempotencyKey }) {
      requireText(name, "name");
      requireText(idempotencyKey, "idempotency_key");
      return { accountId: await accounts.create(name, idempotencyKey) };
    },

    async addCredits({ accountId, amountNano, idempotencyKey, reason }) {
      requireText(accountId, "account_id");
      requireText(idempotencyKey, "idempotency_key");
      requireAmount(amountNano, "amount_nano", 1n);
      const credit = { accountId, amountNano, idempotencyKey, reason };
      return { availableNano: await accounts.addCredits(credit) };
    },

    async getCredits({ accountId }) {
      const credits = await accounts.readCredits(requireText(accountId, "account_id"));
      if (credits === undefined) {
        throw new AppError("not_found", "There is no such account.", { param: "account_id" });
      }
      return credits;
    },

    async checkBooks() {
      return await checkBooks();
    },
  };
}
