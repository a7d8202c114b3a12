import type { ServerResponse } from "node:http";
import { AppError, type ErrorCode } from "@fairlead/errors";
import { type ChunkIdentity, encodeUsage } from "@fairlead/openai";
import type { End, Start } from "@fairlead/proto/adapter/v1/adapter";
import type { Candidate } from "@fairlead/proto/router/v1/router";
import type { TokenUsage } from "@fairlead/proto/usage/v1/usage";
import type { Span } from "@opentelemetry/api";
import { type AttemptFailure, fromFault } from "../domain/attempt-failure.ts";
import { type Charge, chargeEstimate, chargeGeneration, chargeNothing } from "../domain/charge.ts";
import { encodeRoute } from "../domain/describe-route.ts";
import { noUsage } from "../domain/estimate-usage.ts";
import { toFinalError } from "../domain/final-error.ts";
import { freeHold, type Hold } from "../domain/lease.ts";
import {
  type AttemptCall,
  type AttemptOptions,
  type AttemptSink,
  PlanRun,
  type PlanRunListener,
} from "../domain/plan-run.ts";
import { limitCompletion } from "../domain/size-hold.ts";
import { UsageDraft } from "../domain/usage-draft.ts";
import type { Worker } from "../events/worker-directory.ts";
import type { PlannedChat } from "./admit-chat.ts";
import type { Answer } from "./answer.ts";
import type { ChatDeps } from "./chat-deps.ts";
import { traceparentOf } from "./chat-telemetry.ts";
import { dropWhenUnread } from "./drop-when-unread.ts";
import { JsonAnswer } from "./json-answer.ts";
import { settleChat } from "./settle-chat.ts";
import { StreamAnswer } from "./stream-answer.ts";

interface Ending {
  readonly candidate: Candidate | undefined;
  readonly charge: Charge;
  readonly tokens: TokenUsage | undefined;
  readonly end?: End | undefined;
  readonly error?: AppError | undefined;
}

/**
 * One admitted request from its first attempt to its bill. Whatever happens after `start`, the hold
 * is settled and one usage event is left, exactly once. Before it nothing is held.
 */
export class ChatExchange implements PlanRunListener {
  readonly #deps: ChatDeps;
  readonly #planned: PlannedChat;
  readonly #response: ServerResponse;
  readonly #answer: Answer;
  readonly #draft: UsageDraft;
  readonly #run: PlanRun;
  readonly #createdSeconds: number;
  #hold = freeHold;
  #worker: Worker | undefined;
  #attemptSpan: Span | undefined;
  #upstreamId = "";
  #firstTokenMs = 0;
  #providerFirstTokenMs = 0;
  #graceTimer: NodeJS.Timeout | undefined;
  #stopWatching: (() => void) | undefined;
  #isClientGone = false;
  #isDone = false;

  constructor(deps: ChatDeps, planned: PlannedChat, response: ServerResponse) {
    const { chat, plan, span } = planned;
    this.#deps = deps;
    this.#planned = planned;
    this.#response = response;
    this.#createdSeconds = Math.floor(chat.createdMs / 1_000);
    this.#draft = new UsageDraft({
      ...chat,
      accountId: chat.key.accountId,
      keyId: chat.key.keyId,
      requestedModel: chat.models[0] ?? "",
      createdMs: Math.floor(chat.createdMs),
      traceparent: span.isRecording() ? (traceparentOf(span) ?? "") : "",
    });
    this.#answer = chat.isStream
      ? new StreamAnswer(response, deps.limits.keepAliveMs)
      : new JsonAnswer(response);
    this.#run = new PlanRun({
      candidates: plan.candidates,
      listener: this,
      now: deps.now,
      deadlineMs: chat.arrivedMs + deps.limits.requestTimeoutMs,
      open: (candidate, options, sink) => this.#open(candidate, options, sink),
      awaitWorker: deps.generator.awaitWorker.bind(deps.generator),
    });
  }

  start(hold: Hold): void {
    this.#hold = hold;
    this.#draft.setHold(hold);
    if (this.#response.destroyed) {
      this.#isClientGone = true;
      this.failed(new AppError("cancelled", "The client closed the connection."));
      return;
    }
    this.#response.once("close", this.#onClose);
    try {
      this.#answer.keepWaiting();
      this.#run.start();
    } catch (error) {
      this.failed(AppError.from(error));
    }
  }

  started(candidate: Candidate, start: Start): void {
    this.#firstTokenMs = this.#elapsedMs();
    this.#providerFirstTokenMs = start.firstTokenUs / 1_000;
    this.#upstreamId = start.upstreamId;
    if (this.#isClientGone) {
      return;
    }
    const dropped = start.droppedParameters;
    if (dropped.length > 0 && !this.#answer.isCommitted) {
      this.#response.setHeader("x-fairlead-dropped-parameters", dropped.join(", "));
    }
    this.#attemptSpan?.addEvent("first content", { provider: candidate.provider });
    this.#answer.start();
  }

  output(bytes: Uint8Array): void {
    if (!this.#answer.output(bytes) && !this.#isClientGone && this.#stopWatching === undefined) {
      this.#run.pause();
      this.#stopWatching = dropWhenUnread(this.#response, this.#deps.limits.slowClientMs);
      this.#response.once("drain", this.#onDrain);
    }
  }

  ended(candidate: Candidate, end: End): void {
    const isFaulty = end.fault !== undefined;
    const { finishReason } = end;
    const isCancelled = this.#isClientGone && finishReason === "";
    const tokens = end.usage ?? noUsage();
    const charge = chargeGeneration({ candidate, tokens, finishReason, isCancelled, isFaulty });
    // Told before the bill is queued: the client's last byte waits for nothing.
    if (end.fault !== undefined) {
      const error = this.#toError(candidate, fromFault(end.fault));
      this.#fail(error, candidate);
      this.#finish({ candidate, charge, tokens, end, error });
      return;
    }
    if (!this.#isClientGone) {
      const { costNano, promptNano, completionNano } = charge.cost;
      const cost = { costNano, promptCostNano: promptNano, completionCostNano: completionNano };
      this.#answer.end({
        identity: this.#identity(candidate),
        usage: encodeUsage(tokens, cost),
        members: this.#describeRoute(candidate),
      });
    }
    this.#finish({ candidate, charge, tokens, end });
  }

  broken(candidate: Candidate, failure: AttemptFailure): void {
    const error = this.#toError(candidate, failure);
    this.#fail(error, candidate);
    this.#finish({ ...this.#estimate(candidate), error });
  }

  failed(error: AppError): void {
    this.#fail(error, undefined);
    const charge = chargeNothing(this.#isClientGone);
    const [first] = this.#planned.plan.candidates;
    this.#finish({ candidate: first, charge, tokens: undefined, error });
  }

  #open(candidate: Candidate, options: AttemptOptions, sink: AttemptSink): AttemptCall | undefined {
    const { generator, telemetry } = this.#deps;
    const { chat, span } = this.#planned;
    const worker = generator.pick(candidate, this.#worker);
    if (worker === undefined) {
      return undefined;
    }
    this.#endAttemptSpan(this.#run.failedAttempts.at(-1)?.failure.code);
    this.#worker = worker;
    this.#attemptSpan = telemetry.startAttempt(span, candidate, options.number);
    return generator.open(worker, candidate, { ...chat, created: this.#createdSeconds }, sink, {
      ...options,
      maxTokens: limitCompletion(candidate, chat.demand, this.#hold.amountNano),
      usageTemplate: this.#draft.encodeTemplate(candidate),
      traceparent: traceparentOf(this.#attemptSpan),
    });
  }

  readonly #onDrain = (): void => {
    this.#stopWatching?.();
    this.#stopWatching = undefined;
    this.#run.resume();
  };

  /** Upstream stops; the worker then says what was used, or an estimate has to do. */
  readonly #onClose = (): void => {
    if (this.#isDone) {
      return;
    }
    this.#isClientGone = true;
    this.#answer.abandon();
    this.#run.abort();
    if (!this.#isDone) {
      this.#graceTimer = setTimeout(() => this.#giveUp(), this.#deps.limits.abortGraceMs);
    }
  };

  #giveUp(): void {
    const { candidate } = this.#run;
    this.#run.cancel();
    const error = new AppError("cancelled", "The client closed the connection.");
    this.#finish({ ...this.#estimate(candidate), error });
  }

  #estimate(candidate: Candidate | undefined): Ending {
    const { promptTokens } = this.#planned.chat.demand;
    const { deliveredBytes } = this.#answer;
    const isCancelled = this.#isClientGone;
    const estimate = chargeEstimate(candidate, promptTokens, deliveredBytes, isCancelled);
    return { candidate, ...estimate };
  }

  #fail(error: AppError, candidate: Candidate | undefined): void {
    if (!this.#isClientGone) {
      this.#answer.fail(error, this.#identity(candidate), this.#describeRoute(candidate));
    }
  }

  /** Members of the answer for a client that asked for them. */
  #describeRoute(selected: Candidate | undefined): string {
    const { chat, plan } = this.#planned;
    const failed = this.#run.failedAttempts;
    return chat.isExplained ? encodeRoute({ requested: chat.models, plan, failed, selected }) : "";
  }

  #toError(candidate: Candidate, failure: AttemptFailure): AppError {
    const { endpointId, provider, providerName, model } = candidate;
    const attempt = { endpointId, provider, providerName, model, failure, latencyMs: 0 };
    return toFinalError([...this.#run.failedAttempts, attempt]);
  }

  #identity(candidate: Candidate | undefined): ChunkIdentity {
    const { chat } = this.#planned;
    return {
      id: chat.generationId,
      model: candidate?.model ?? chat.models[0] ?? "",
      provider: candidate?.providerName ?? "",
      created: this.#createdSeconds,
    };
  }

  #elapsedMs(): number {
    return Math.max(1, this.#deps.now() - this.#planned.chat.arrivedMs);
  }

  #endAttemptSpan(errorCode: ErrorCode | undefined): void {
    this.#deps.telemetry.endChild(this.#attemptSpan, this.#planned.span, errorCode);
    this.#attemptSpan = undefined;
  }

  #finish({ candidate, charge, tokens, end, error }: Ending): void {
    if (this.#isDone) {
      return;
    }
    this.#isDone = true;
    clearTimeout(this.#graceTimer);
    this.#answer.abandon();
    this.#response.off("drain", this.#onDrain);
    this.#stopWatching?.();
    dropWhenUnread(this.#response, this.#deps.limits.slowClientMs);
    const { chat, span } = this.#planned;
    const durationMs = this.#elapsedMs();
    const outcome = {
      charge,
      tokens,
      end,
      upstreamId: this.#upstreamId,
      firstTokenMs: Math.round(this.#firstTokenMs),
      durationMs: Math.round(durationMs),
      failed: this.#run.failedAttempts,
    };
    // Only a worker that ended the call in the ordinary way still keeps the bill.
    const witness = end === undefined ? undefined : this.#worker;
    const [hold, draft] = [this.#hold, this.#draft];
    const event = settleChat(this.#deps, { chat, hold, draft, candidate, outcome, witness });
    this.#endAttemptSpan(error?.code);
    this.#deps.telemetry.finish(span, {
      isStream: chat.isStream,
      event,
      end,
      attempts: this.#run.attempts,
      durationMs,
      firstTokenMs: this.#firstTokenMs,
      providerFirstTokenMs: this.#providerFirstTokenMs,
      errorCode: error?.code,
      statusCode: this.#response.statusCode,
    });
  }
}
