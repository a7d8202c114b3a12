import type { StreamForm } from "../dialects/dialect.ts";
import { Refusal } from "../dialects/refusal.ts";
import type { Fault } from "../script/script.ts";
import { BodyWriter } from "./body-writer.ts";
import type { Reply } from "./reply.ts";
import { writeHeaders } from "./write-headers.ts";

/** Units turned into text before the socket is asked whether it can take more. */
const UNITS_PER_TURN = 512;
const BROKEN_FRAME = 'data: {"id":"sim-broken","choices":[{"index":0,"delta":{"con\n\n';

/** Plays one streamed answer against the clock; absolute times, so that delays do not add up. */
export class StreamPlayer {
  readonly #reply: Reply;
  readonly #fault: Fault | undefined;
  readonly #form: StreamForm;
  readonly #body: BodyWriter;
  readonly #unitsTotal: number;
  #position = 0;
  #firstUnitAt = 0;
  #isOver = false;

  constructor(reply: Reply) {
    this.#reply = reply;
    this.#fault = reply.script.fault;
    this.#form = reply.dialect.createStream(reply.exchange);
    this.#unitsTotal =
      this.#fault?.kind === "endless"
        ? Number.POSITIVE_INFINITY
        : reply.exchange.answer.units.length;
    const cutAtByte = this.#fault?.kind === "cut" ? this.#fault.byte : undefined;
    this.#body = new BodyWriter(
      reply.response,
      { cutAtByte, sliceBytes: reply.script.slice },
      () => {
        this.#isOver = true;
      },
    );
  }

  start(): void {
    const { record, exchange, ttftMs } = this.#reply;
    record.status = 200;
    record.promptTokens = exchange.usage.prompt;
    this.#body.writeHead(writeHeaders(this.#reply, "text/event-stream; charset=utf-8"));
    if (this.#fault?.kind === "error_first") {
      this.#finishWithError();
      return;
    }
    this.#body.chunk(this.#form.open());
    this.#firstUnitAt = performance.now() + ttftMs;
    if (this.#fault?.kind === "role_only") {
      this.#finish(this.#form.end());
      return;
    }
    if (ttftMs === 0) {
      this.#pump();
      return;
    }
    this.#body.flush();
    this.#body.flushHead();
    setTimeout(this.#pump, ttftMs);
  }

  readonly #pump = (): void => {
    const { response } = this.#reply;
    while (!this.#isOver && !response.destroyed) {
      const target = Math.min(this.#countDue(), this.#position + UNITS_PER_TURN);
      if (this.#position < target) {
        this.#writeUnits(target);
      }
      if (this.#isOver) {
        return;
      }
      if (this.#position >= this.#unitsTotal) {
        this.#finish(this.#writeClose());
        return;
      }
      if (!this.#body.flush()) {
        response.once("drain", this.#pump);
        return;
      }
      if (this.#waitForNext()) {
        return;
      }
    }
  };

  /** Sets the timer of the next unit; false when one is due already. */
  #waitForNext(): boolean {
    const { rate, pack } = this.#reply.script;
    if (rate === 0) {
      if (this.#unitsTotal === Number.POSITIVE_INFINITY) {
        setImmediate(this.#pump);
        return true;
      }
      return false;
    }
    const next = Math.min(this.#position + pack, this.#unitsTotal);
    const delayMs = this.#firstUnitAt + ((next - 1) * 1000) / rate - performance.now();
    if (delayMs <= 0) {
      return false;
    }
    setTimeout(this.#pump, delayMs);
    return true;
  }

  /** How many units should have left by now: whole packs, unless it is the last one. */
  #countDue(): number {
    const { rate, pack } = this.#reply.script;
    if (rate === 0) {
      return this.#unitsTotal;
    }
    // A timer may fire a little early; half a millisecond is not worth another one.
    const elapsedMs = performance.now() - this.#firstUnitAt + 0.5;
    const due = Math.floor((elapsedMs * rate) / 1000) + 1;
    return due >= this.#unitsTotal ? this.#unitsTotal : due - (due % pack);
  }

  #writeUnits(target: number): void {
    const { answer } = this.#reply.exchange;
    const { pack } = this.#reply.script;
    let text = "";
    let packed = 0;
    let whole = 0;
    while (this.#position < target && !this.#isOver && !this.#meetsFault()) {
      const unit = answer.units[this.#position % answer.units.length];
      if (unit === undefined) {
        break;
      }
      if (this.#isMalformed()) {
        text += BROKEN_FRAME;
      } else {
        text += this.#form.unit(unit);
        whole += 1;
      }
      this.#position += 1;
      packed += 1;
      if (packed === pack) {
        this.#writeChunk(text, whole);
        text = "";
        packed = 0;
        whole = 0;
      }
    }
    this.#writeChunk(text, whole);
    this.#applyFault();
  }

  /** Counts units as written only when their whole chunk was. */
  #writeChunk(text: string, units: number): void {
    if (!this.#isOver) {
      this.#body.chunk(text);
    }
    if (!this.#isOver) {
      this.#reply.record.completionTokensWritten += units;
    }
  }

  #isMalformed(): boolean {
    return this.#fault?.kind === "malformed" && this.#fault.after === this.#position;
  }

  /** Whether the stream has come to the event where its fault stands. */
  #meetsFault(): boolean {
    const fault = this.#fault;
    return (
      (fault?.kind === "stall" || fault?.kind === "error_after") && fault.after <= this.#position
    );
  }

  #applyFault(): void {
    if (!this.#meetsFault()) {
      return;
    }
    if (this.#fault?.kind === "error_after") {
      this.#finishWithError();
      return;
    }
    // A stall: what was written goes out, and then nothing, until the client leaves.
    this.#isOver = true;
    this.#body.flush();
    this.#body.flushHead();
  }

  #finishWithError(): void {
    this.#finish(this.#form.error(new Refusal(503, "The model is overloaded.")));
  }

  #writeClose(): string {
    const close = this.#form.close(this.#reply.exchange.usage);
    return this.#fault?.kind === "no_end" ? close : close + this.#form.end();
  }

  #finish(text: string): void {
    this.#body.chunk(text);
    if (!this.#isOver) {
      this.#isOver = true;
      this.#body.end();
    }
  }
}
