import { isUnfitData, sqlState } from "@fairlead/db";
import { AppError } from "@fairlead/errors";
import { attr, isSampled, type Logger, startSpan, type TraceParent } from "@fairlead/kit";
import type { Price } from "@fairlead/proto/pricing/v1/price";
import type { UsageEvent } from "@fairlead/proto/usage/v1/usage";
import {
  INVALID_SPAN_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { type AssessedEvent, assessEvent } from "../domain/assess-event.ts";
import { PriceBook } from "../domain/price-book.ts";
import { encodePoison, type PostResult, type UsageStore } from "../store/usage-store.ts";
import type { UsageMetrics } from "./usage-metrics.ts";

/** Events in one transaction: beyond some thousand, its locks are held for too long. */
const EVENTS_PER_POSTING = 2_000;
const LINKS_MAX = 32;

export interface PostOptions {
  /** Who gathered the events, for the log. */
  readonly source: string;
  readonly parent?: TraceParent | undefined;
}

export interface PostSummary {
  readonly posted: number;
  readonly duplicates: number;
}

export interface UsagePosterOptions {
  readonly store: UsageStore;
  readonly tracer: Tracer;
  readonly metrics: UsageMetrics;
  readonly logger: Logger;
}

interface Assessment {
  readonly good: AssessedEvent[];
  readonly refused: number;
}

interface ChunkResult {
  readonly posted: number;
  /** Events that can never be posted: those of unknown accounts, and what Postgres refuses. */
  readonly refused: number;
}

/** The one way by which usage becomes money, whether it came over NATS or by gRPC. */
export class UsagePoster {
  readonly #options: UsagePosterOptions;
  readonly #prices = new PriceBook();

  constructor(options: UsagePosterOptions) {
    this.#options = options;
  }

  /**
   * Posts each event exactly once; what can never be posted is put aside as poison. When it
   * returns, all of it is committed. Throws `unavailable` while the database is away.
   */
  async post(events: readonly UsageEvent[], options: PostOptions): Promise<PostSummary> {
    const span = this.#startSpan(events, options);
    let posted = 0;
    try {
      const { good, refused } = await this.#assess(events, options.source);
      let poisoned = refused;
      for (let start = 0; start < good.length; start += EVENTS_PER_POSTING) {
        const chunk = good.slice(start, start + EVENTS_PER_POSTING);
        const result = await this.#postChunk(chunk, options.source, span);
        posted += result.posted;
        poisoned += result.refused;
      }
      const duplicates = events.length - poisoned - posted;
      this.#options.metrics.count({ posted, duplicates });
      return { posted, duplicates };
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      span.setAttribute(attr.errorType, AppError.from(error).code);
      throw error;
    } finally {
      span.end();
    }
  }

  /** Not recorded unless a request of the batch, or its delivery, is: no trace begins here. */
  #startSpan(events: readonly UsageEvent[], { parent }: PostOptions): Span {
    const links: TraceParent[] = [];
    for (const { traceparent } of events) {
      if (links.length < LINKS_MAX && isSampled(traceparent)) {
        links.push(traceparent);
      }
    }
    const recorded = isSampled(parent) ? parent : links[0];
    if (recorded === undefined) {
      return trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
    }
    return startSpan(this.#options.tracer, "process fairlead.usage.v1", {
      kind: SpanKind.CONSUMER,
      parent: recorded,
      links,
      attributes: { [attr.messagingBatchMessageCount]: events.length },
    });
  }

  /** Sorted by id, so that two ledgers with the same events wait for each other in one order. */
  async #assess(events: readonly UsageEvent[], source: string): Promise<Assessment> {
    const good = new Map<string, AssessedEvent>();
    const newPrices = new Map<string, Price>();
    let misstated = 0;
    let refused = 0;
    for (const event of events) {
      const assessed = assessEvent(event, this.#prices);
      if (!assessed.isGood) {
        refused += 1;
        await this.#putAside([assessed.event], assessed.reason, source);
        continue;
      }
      misstated += assessed.isMisstated ? 1 : 0;
      if (!good.has(event.generationId)) {
        good.set(event.generationId, assessed);
      }
      if (!this.#prices.has(assessed.priceVersion)) {
        newPrices.set(assessed.priceVersion, assessed.price);
      }
    }
    if (misstated > 0) {
      this.#options.metrics.count({ misstated });
      this.#options.logger.warn({ misstated, source }, "usage stated a cost that is not its price");
    }
    if (newPrices.size > 0) {
      await this.#options.store.savePrices(newPrices);
      for (const [version, price] of newPrices) {
        this.#prices.remember(version, price);
      }
    }
    return { good: [...good.values()].sort(byGenerationId), refused };
  }

  async #postChunk(
    chunk: readonly AssessedEvent[],
    source: string,
    span: Span,
  ): Promise<ChunkResult> {
    const { store, tracer } = this.#options;
    const child = startSpan(tracer, "post usage", { kind: SpanKind.CLIENT, parent: span });
    child.setAttribute(attr.dbSystemName, "postgresql");
    const startedMs = performance.now();
    let result: PostResult;
    try {
      result = await store.post(chunk);
    } catch (error) {
      if (!isUnfitData(error)) {
        throw error;
      }
      return await this.#isolate(chunk, error, source, span);
    } finally {
      child.end();
    }
    this.#report(result, performance.now() - startedMs, source);
    // All of it was posted before: how late a repeat comes says nothing.
    if (result.posted > 0) {
      this.#recordLag(chunk);
    }
    if (result.unknownAccounts.length === 0) {
      return { posted: result.posted, refused: 0 };
    }
    const unknown = new Set(result.unknownAccounts);
    const strangers = chunk.filter(({ event }) => unknown.has(event.accountId));
    await this.#putAside(
      strangers.map(({ event }) => event),
      "account_id is not known",
      source,
    );
    const known = chunk.filter(({ event }) => !unknown.has(event.accountId));
    const rest = known.length === 0 ? undefined : await this.#postChunk(known, source, span);
    return { posted: rest?.posted ?? 0, refused: strangers.length + (rest?.refused ?? 0) };
  }

  /** One event spoils a whole statement: halves find it, and what is good gets posted. */
  async #isolate(
    chunk: readonly AssessedEvent[],
    error: unknown,
    source: string,
    span: Span,
  ): Promise<ChunkResult> {
    const [first] = chunk;
    if (first !== undefined && chunk.length === 1) {
      const reason = `Postgres refuses it (${sqlState(error)}): ${String(error)}`;
      await this.#putAside([first.event], reason, source);
      return { posted: 0, refused: 1 };
    }
    const middle = chunk.length >> 1;
    const left = await this.#postChunk(chunk.slice(0, middle), source, span);
    const right = await this.#postChunk(chunk.slice(middle), source, span);
    return { posted: left.posted + right.posted, refused: left.refused + right.refused };
  }

  #report(result: PostResult, durationMs: number, source: string): void {
    const { metrics, logger } = this.#options;
    const { overspentNano, lateNano, gaps } = result;
    metrics.recordPosting(durationMs / 1_000);
    metrics.count({ gaps, overspentNano, lateNano });
    if (overspentNano > 0n) {
      logger.warn({ overspentNano: String(overspentNano), source }, "usage beyond all credit");
    }
    if (gaps > 0) {
      logger.warn({ gaps, source }, "leases whose events do not sum to what was stated");
    }
  }

  #recordLag(chunk: readonly AssessedEvent[]): void {
    const nowMs = Date.now();
    for (const { event } of chunk) {
      // Clocks of two machines differ: a bill is never posted before its request has ended.
      const lagMs = Math.max(0, nowMs - Number(event.createdMs) - event.durationMs);
      this.#options.metrics.recordLag(lagMs / 1_000);
    }
  }

  async #putAside(events: readonly UsageEvent[], reason: string, source: string): Promise<void> {
    const poison = events.map((event) => ({
      source,
      reason,
      generationId: event.generationId,
      payload: encodePoison(event),
    }));
    await this.#options.store.savePoison(poison);
    this.#options.metrics.count({ poison: events.length });
    this.#options.logger.error({ reason, source, events: events.length }, "usage put aside");
  }
}

function byGenerationId(left: AssessedEvent, right: AssessedEvent): number {
  return left.event.generationId < right.event.generationId ? -1 : 1;
}
