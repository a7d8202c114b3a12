import type { UsageEvent } from "@fairlead/proto/usage/v1/usage";
import type { Candidate } from "@fairlead/proto/router/v1/router";
import type { Hold } from "../domain/lease.ts";
import type { UsageDraft, UsageOutcome } from "../domain/usage-draft.ts";
import type { UsageWitness } from "../events/usage-outbox.ts";
import type { ParsedChat } from "./admit-chat.ts";
import type { ChatDeps } from "./chat-deps.ts";

export interface SettledChat {
  readonly chat: Pick<ParsedChat, "generationId" | "key">;
  readonly hold: Hold;
  readonly draft: UsageDraft;
  readonly candidate: Candidate | undefined;
  readonly outcome: UsageOutcome;
  /** The worker, if it keeps a copy of the bill. */
  readonly witness: UsageWitness | undefined;
}

/**
 * Settles the hold and leaves the bill. Neither falls with the other, and nothing is thrown:
 * undefined when there is no bill. A worker that keeps a copy then makes it one, for it is not
 * acknowledged; where there is no witness, nothing was produced or nobody knows what.
 */
export function settleChat(
  { leases, outbox, logger }: Pick<ChatDeps, "leases" | "outbox" | "logger">,
  { chat, hold, draft, candidate, outcome, witness }: SettledChat,
): UsageEvent | undefined {
  const { generationId } = chat;
  try {
    leases.settle(chat.key, hold, outcome.charge.cost.costNano);
  } catch (error) {
    logger.error({ error, generationId }, "a hold could not be settled");
  }
  try {
    const event = draft.finish(candidate, outcome);
    outbox.add(event, witness);
    return event;
  } catch (error) {
    logger.error({ error, generationId }, "a bill could not be made");
    return undefined;
  }
}
