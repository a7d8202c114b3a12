import { AppError } from "@fairlead/errors";
import type { LedgerService } from "@fairlead/proto/ledger/v1/ledger";
import type { ServiceHandlers } from "@fairlead/rpc";
import type { UsagePoster } from "../events/usage-poster.ts";
import type { Generation } from "../store/generation-store.ts";
import { requireText } from "./read-request.ts";

const EVENTS_MAX = 5_000;

type Handlers = Pick<ServiceHandlers<typeof LedgerService>, "submitUsage" | "getGeneration">;

export interface UsageDependencies {
  readonly poster: UsagePoster;
  readonly readGeneration: (
    accountId: string,
    generationId: string,
  ) => Promise<Generation | undefined>;
}

export function createUsageHandlers({ poster, readGeneration }: UsageDependencies): Handlers {
  return {
    async submitUsage({ batch }, { traceparent }) {
      const events = batch?.events ?? [];
      if (events.length > EVENTS_MAX) {
        const text = `A batch has at most ${EVENTS_MAX} events; send several.`;
        throw new AppError("payload_too_large", text, { param: "batch.events" });
      }
      const source = batch?.source ?? "";
      const { posted, duplicates } = await poster.post(events, { source, parent: traceparent });
      return { posted, duplicates };
    },

    async getGeneration({ accountId, generationId }) {
      requireText(accountId, "account_id");
      requireText(generationId, "generation_id");
      const generation = await readGeneration(accountId, generationId);
      if (generation === undefined) {
        throw new AppError("not_found", "There is no such generation (yet).", {
          param: "generation_id",
        });
      }
      return generation;
    },
  };
}
