import type { AppError } from "@fairlead/errors";
import type { GenerateRequest } from "@fairlead/proto/adapter/v1/adapter";
import { Outcome } from "@fairlead/proto/usage/v1/usage";
import type { ProviderFaultInfo, Target } from "@fairlead/providers";
import type { ProviderBinding } from "../bindings/provider-binding.ts";
import { type CountedUsage, noUsage } from "../domain/complete-usage.ts";
import { faults } from "../domain/faults.ts";
import { redactFault } from "../domain/redact-fault.ts";
import { type Flushable, gatheredLengthMax } from "../upstream/flush-queue.ts";
import { CallOutput } from "./call-output.ts";
import { countUsage } from "./count-usage.ts";
import type { GenerationContext, OpenGeneration } from "./generation-context.ts";
import { failCall, type GenerateCall, toBill, toEnd, toStart } from "./generation-messages.ts";
import { prepareRequest, toRequestId, toTarget, toTimeouts } from "./prepare-request.ts";
import { type AttemptListener, UpstreamAttempt } from "./upstream-attempt.ts";

/** One Generate call: what the upstream attempt yields becomes messages, a report and a bill. */
export class Generation implements AttemptListener, Flushable, OpenGeneration {
  readonly id: string;
  /** Names this attempt to the provider, and in the table of what is open. */
  readonly requestId: string;
  readonly #context: GenerationContext;
  readonly #call: GenerateCall;
  readonly #binding: ProviderBinding;
  readonly #endpointId: string;
  readonly #attemptNumber: number;
  readonly #target: Target;
  readonly #template: Uint8Array;
  readonly #arrivedAtMs: number;
  readonly #output: CallOutput;
  /** Ends the call once its output has left. */
  #endLater: (() => void) | undefined;
  #attempt: UpstreamAttempt | undefined;
  #droppedParameters: readonly string[] = [];
  #promptLength = 0;
  #text = "";
  #isStarted = false;
  #isEnded = false;
  #firstTokenMs = 0;

  constructor(
    context: GenerationContext,
    request: GenerateRequest,
    call: GenerateCall,
    binding: ProviderBinding,
  ) {
    this.id = request.generationId;
    this.requestId = toRequestId(request);
    this.#context = context;
    this.#call = call;
    this.#binding = binding;
    this.#endpointId = request.endpointId;
    this.#attemptNumber = request.attempt;
    this.#target = toTarget(request);
    // A copy: the request's bytes are a view of everything that came with it.
    this.#template = request.usageTemplate.slice();
    this.#arrivedAtMs = context.now();
    this.#output = new CallOutput(call);
  }

  get outputEvents(): number {
    return this.#attempt?.reader?.outputEvents ?? 0;
  }

  start(request: GenerateRequest): void {
    const { now, rateLimits, open } = this.#context;
    const waitMs = rateLimits.remainingMs(this.#binding.slug, this.#target.upstreamModel, now());
    if (waitMs > 0) {
      this.failed(faults.rateLimited(waitMs));
      return;
    }
    const prepared = prepareRequest(this.#binding.provider, request.body, this.#target, (error) =>
      this.#context.warn(error, this.#binding),
    );
    if ("code" in prepared) {
      this.failed(prepared);
      return;
    }
    this.#droppedParameters = prepared.request.droppedParameters;
    this.#promptLength = prepared.promptLength;
    open.set(this.requestId, this);
    // At its deadline the gateway is still there and knows that the call failed.
    this.#call.onCancel((reason) => this.#cancel(reason.code !== "timeout"));
    this.#call.onDrain(() => this.#resume());
    this.#attempt = new UpstreamAttempt(
      this.#context,
      {
        binding: this.#binding,
        target: prepared.target,
        timeouts: toTimeouts(request.timeouts, this.#binding.timeouts),
        request: prepared.request,
        requestId: this.requestId,
        arrivedAtMs: this.#arrivedAtMs,
      },
      this,
    );
    this.#attempt.start();
  }

  abort(): void {
    const attempt = this.#attempt;
    if (!this.#target.isStream && attempt?.isUnderway === true) {
      attempt.abandon(this.#context.abandonedMs);
    } else {
      this.abandoned();
    }
  }

  abandoned(): void {
    if (!this.#isEnded) {
      this.#attempt?.stop();
      this.#end(Outcome.CANCELLED, undefined);
    }
  }

  drop(reason: AppError): void {
    this.#call.fail(reason);
    this.#cancel(false);
  }

  output(text: string): void {
    if (this.#text === "") {
      // The first content is what a client waits for.
      this.#context.flushQueue.add(this, !this.#isStarted);
    } else if (this.#text.length > gatheredLengthMax) {
      this.#context.flushQueue.hurry();
    }
    this.#text += text;
    if (this.#firstTokenMs === 0) {
      this.#firstTokenMs = this.#elapsedMs();
    }
  }

  flush(): void {
    if (this.#text === "" || this.#isEnded) {
      return;
    }
    if (!this.#isStarted) {
      this.#isStarted = true;
      const times = {
        connectMs: this.#attempt?.connectMs ?? 0,
        firstTokenMs: this.#firstTokenMs,
      };
      this.#call.send(toStart(this.#attempt?.reader, times, this.#droppedParameters));
    }
    const text = this.#text;
    this.#text = "";
    if (!this.#output.write(text)) {
      this.#attempt?.pause();
    }
    if (this.#call.isEnded) {
      // The link would not hold any more for a reader that does not read.
      this.#cancel(true);
    }
  }

  finished(): void {
    this.#endAfterOutput(Outcome.COMPLETED, undefined);
  }

  failed(raw: ProviderFaultInfo): void {
    const fault = redactFault(raw, this.#binding.credential);
    if (this.#isStarted) {
      this.#endAfterOutput(Outcome.FAILED, fault);
      return;
    }
    // Whatever is in hand was not sent, so another endpoint may still answer.
    this.#close();
    failCall(this.#call, fault);
    this.#report(noUsage, fault, false);
  }

  /** The call is gone. `isOrphan`: the gateway perhaps too, and then nobody but us can bill it. */
  #cancel(isOrphan: boolean): void {
    if (this.#isEnded) {
      return;
    }
    this.#attempt?.stop();
    this.#close();
    const counted = this.#countUsage(false);
    // Before the first content another endpoint may answer, and its bill has the same id.
    if (this.#isStarted && isOrphan) {
      this.#settle(Outcome.CANCELLED, counted);
    }
    this.#report(counted, undefined, true);
  }

  /** The reader is ready for more. */
  #resume(): void {
    if (!this.#output.resume()) {
      return;
    }
    if (this.#endLater === undefined) {
      this.#attempt?.resume();
    } else {
      this.#endLater();
    }
  }

  #endAfterOutput(outcome: Outcome, fault: ProviderFaultInfo | undefined): void {
    this.flush();
    if (this.#isEnded) {
      return;
    }
    if (this.#output.isEmpty) {
      this.#end(outcome, fault);
    } else {
      this.#endLater = () => this.#end(outcome, fault);
    }
  }

  #end(outcome: Outcome, fault: ProviderFaultInfo | undefined): void {
    this.#close();
    const counted = this.#countUsage(outcome === Outcome.COMPLETED);
    this.#call.send(toEnd(this.#attempt?.reader, counted, this.#elapsedMs(), fault));
    this.#call.end();
    if (this.#hasProduced) {
      this.#settle(outcome, counted);
    }
    this.#report(counted, fault, outcome === Outcome.CANCELLED);
  }

  #settle(outcome: Outcome, counted: CountedUsage): void {
    if (this.#template.length > 0) {
      const times = { firstTokenMs: this.#firstTokenMs, durationMs: this.#elapsedMs() };
      const facts = toBill(this.#attempt?.reader, outcome, counted, times);
      this.#context.bills.settle(this.id, this.#attemptNumber, this.#template, facts);
    }
  }

  #countUsage(isFinished: boolean): CountedUsage {
    const reader = this.#attempt?.reader;
    return reader !== undefined && this.#hasProduced
      ? countUsage(reader, isFinished, this.#promptLength)
      : noUsage;
  }

  #report(counted: CountedUsage, fault: ProviderFaultInfo | undefined, isCancelled: boolean): void {
    if (this.#attempt?.hasReachedOut !== true) {
      return;
    }
    const durationMs = this.#elapsedMs();
    this.#context.report({
      binding: this.#binding,
      endpointId: this.#endpointId,
      attempt: this.#attemptNumber,
      model: this.#target.publicModel,
      upstreamModel: this.#target.upstreamModel,
      isStream: this.#target.isStream,
      traceparent: this.#call.traceparent,
      startedAtMs: Date.now() - durationMs,
      durationMs,
      firstTokenMs: this.#isStarted ? this.#firstTokenMs : 0,
      counted,
      finishReason: this.#attempt.reader?.finishReason ?? "",
      responseModel: this.#attempt.reader?.responseModel ?? "",
      upstreamId: this.#attempt.reader?.upstreamId ?? "",
      fault,
      isCancelled,
    });
  }

  /** Tokens were spent, though hidden reasoning alone is not sent. */
  get #hasProduced(): boolean {
    return this.#isStarted || (this.#attempt?.reader?.outputLength ?? 0) > 0;
  }

  #close(): void {
    this.#isEnded = true;
    this.#endLater = undefined;
    this.#text = "";
    this.#context.open.delete(this.requestId);
  }

  #elapsedMs(): number {
    return this.#context.now() - this.#arrivedAtMs;
  }
}
