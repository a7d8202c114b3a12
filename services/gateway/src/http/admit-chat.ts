import type { IncomingMessage } from "node:http";
import { AppError } from "@fairlead/errors";
import { type ChatRequest, describeRequest, parseChatRequest } from "@fairlead/openai";
import type { Key } from "@fairlead/proto/ledger/v1/ledger";
import type { PlanResponse } from "@fairlead/proto/router/v1/router";
import type { Span } from "@opentelemetry/api";
import { checkInference } from "../domain/check-key.ts";
import type { Hold } from "../domain/lease.ts";
import { listModels, toPlanRequest } from "../domain/plan-request.ts";
import { refuseHold } from "../domain/refuse-hold.ts";
import { refusePlan } from "../domain/refuse-plan.ts";
import { sizeHold, type TokenDemand } from "../domain/size-hold.ts";
import type { ChatDeps } from "./chat-deps.ts";
import { traceparentOf } from "./chat-telemetry.ts";

/** Characters of a client's own ids and names that are kept. */
const TEXT_MAX = 256;

/** A request whose body was read and whose key is good. */
export interface ChatCall {
  readonly generationId: string;
  readonly body: Buffer;
  readonly key: Key;
  /** Monotonic milliseconds. */
  readonly arrivedMs: number;
  /** Unix milliseconds of the same moment. */
  readonly createdMs: number;
  readonly headers: IncomingMessage["headers"];
}

/** The same, understood. */
export interface ParsedChat extends ChatCall {
  readonly request: ChatRequest;
  readonly models: readonly string[];
  readonly demand: TokenDemand;
  readonly isStream: boolean;
  readonly sessionId: string;
  readonly endUser: string;
  readonly httpReferer: string;
  readonly appTitle: string;
  /** Whether the client wants `openrouter_metadata`. */
  readonly isExplained: boolean;
  readonly planRequest: ReturnType<typeof toPlanRequest>;
}

/** A request with its plan: all that it needs but the credit. */
export interface PlannedChat {
  readonly chat: ParsedChat;
  readonly plan: PlanResponse;
  readonly span: Span;
}

type RateDeps = Pick<ChatDeps, "rates" | "unixNow">;

/** Parses and validates; throws what the client did wrong. */
export function parseChat(call: ChatCall, deps: RateDeps): ParsedChat {
  const { key, body, headers } = call;
  checkInference(key);
  checkRate(key, deps);
  const request = parseChatRequest(body);
  const models = listModels(request);
  const description = describeRequest(request, body.length);
  const sessionId = shorten(request.session_id ?? headers["x-session-id"]);
  const { accountId } = key;
  const isExplained = wantsMetadata(headers);
  return {
    ...call,
    request,
    models,
    sessionId,
    isExplained,
    isStream: description.isStream,
    demand: {
      promptTokens: description.promptTokensEstimate,
      maxTokens: description.maxTokens,
      choices: description.choiceCount,
    },
    endUser: shorten(request.user),
    httpReferer: shorten(headers["http-referer"] ?? headers.referer),
    appTitle: shorten(headers["x-openrouter-title"] ?? headers["x-title"]),
    planRequest: toPlanRequest({ request, description, accountId, sessionId, isExplained }),
  };
}

/**
 * Asks for the plan, which comes with a refusal when no endpoint is left. `signal` tells that the
 * client is gone.
 */
export async function planChat(
  deps: ChatDeps,
  chat: ParsedChat,
  span: Span,
  signal: () => AbortSignal,
): Promise<{ readonly plan: PlanResponse; readonly refusal: AppError | undefined }> {
  const planSpan = deps.telemetry.startPlan(span);
  let failure: AppError | undefined;
  try {
    const { planPatienceMs, requestTimeoutMs } = deps.limits;
    const plan = await deps.planner.plan(chat.planRequest, {
      traceparent: traceparentOf(planSpan),
      patienceMs: Math.min(planPatienceMs, chat.arrivedMs + requestTimeoutMs - deps.now()),
      signal,
    });
    failure = plan.candidates.length === 0 ? refusePlan(plan, chat.models) : undefined;
    return { plan, refusal: failure };
  } catch (error) {
    failure = AppError.from(error);
    throw failure;
  } finally {
    deps.telemetry.endChild(planSpan, span, failure?.code);
  }
}

/** Sets the worst case aside: at once where a lease covers it. Throws 402 or 503. */
export function holdChat(
  deps: ChatDeps,
  chat: ParsedChat,
  plan: PlanResponse,
): Hold | Promise<Hold> {
  const size = sizeHold(plan.candidates, chat.demand);
  return deps.leases.tryHold(chat.key, size.wantNano) ?? askLedger(deps, chat, plan, size);
}

async function askLedger(
  deps: ChatDeps,
  chat: ParsedChat,
  plan: PlanResponse,
  size: ReturnType<typeof sizeHold>,
): Promise<Hold> {
  const { generationId, key, demand } = chat;
  let result: Awaited<ReturnType<typeof deps.leases.hold>>;
  try {
    result = await deps.leases.hold(key, { generationId, ...size });
  } catch (cause) {
    const known = AppError.from(cause);
    if (known.code === "permission_denied" || known.code === "authentication") {
      throw known;
    }
    deps.logger.warn({ error: cause, generationId }, "the ledger did not answer a hold");
    throw new AppError(
      "unavailable",
      "Credit cannot be checked now and none is at hand. Try again in a moment.",
      { retryAfterMs: 1_000, cause },
    );
  }
  if ("leaseSeq" in result) {
    return result;
  }
  const [candidate] = plan.candidates;
  throw candidate === undefined
    ? new AppError("internal", "A plan without candidates was held for.")
    : refuseHold(result, candidate, demand);
}

function checkRate(key: Key, { rates, unixNow }: RateDeps): void {
  const refusal = rates.take(key.keyId, key.requestsPerMinute);
  if (refusal !== undefined) {
    throw new AppError(
      "rate_limit_exceeded",
      `Rate limit exceeded: ${refusal.limit} requests per minute for this key.`,
      {
        retryAfterMs: refusal.retryAfterMs,
        metadata: {
          headers: {
            "X-RateLimit-Limit": String(refusal.limit),
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": String(Math.ceil(unixNow() + refusal.resetAfterMs)),
          },
        },
      },
    );
  }
}

/** Off unless the header says `enabled`, in any case of letters; the second is its older name. */
function wantsMetadata(headers: IncomingMessage["headers"]): boolean {
  const value =
    headers["x-openrouter-metadata"] ?? headers["x-openrouter-experimental-metadata"] ?? "";
  return typeof value === "string" && value.toLowerCase() === "enabled";
}

function shorten(text: string | string[] | undefined): string {
  return typeof text === "string" ? text.slice(0, TEXT_MAX) : "";
}
