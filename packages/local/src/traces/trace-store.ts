import type { Span, Trace, TraceSummary } from "./span.ts";

const TRACES_MAX = 1_000;
const SPANS_PER_TRACE_MAX = 2_000;
const SPANS_MAX = 50_000;
const LINKED_MAX = 200;
/** The attribute that holds the id a client gets in its answer. */
const GENERATION_ID = "gen_ai.response.id";

/** The last traces, in bounded memory: what comes in beyond the limits pushes the oldest out. */
export class TraceStore {
  /** In the order of their first span. */
  readonly #traces = new Map<string, Span[]>();
  readonly #byGeneration = new Map<string, string>();
  readonly #linkers = new Map<string, Set<string>>();
  #spans = 0;

  add(spans: readonly Span[]): void {
    for (const span of spans) {
      this.#add(span);
    }
    while (this.#traces.size > TRACES_MAX || this.#spans > SPANS_MAX) {
      this.#evictOldest();
    }
  }

  /** By trace id or by generation id; the last request's without one. */
  find(id?: string): Trace | undefined {
    const traceId = id === undefined ? this.#findLast() : (this.#byGeneration.get(id) ?? id);
    const spans = traceId === undefined ? undefined : this.#traces.get(traceId);
    if (traceId === undefined || spans === undefined) {
      return undefined;
    }
    return { traceId, spans, linked: this.#findLinked(traceId) };
  }

  /** Newest first. */
  list(): TraceSummary[] {
    return [...this.#traces.keys()].toReversed().map((traceId) => this.#summarise(traceId));
  }

  #add(span: Span): void {
    const spans = this.#traces.get(span.traceId) ?? [];
    this.#traces.set(span.traceId, spans);
    if (spans.length >= SPANS_PER_TRACE_MAX) {
      return;
    }
    spans.push(span);
    this.#spans += 1;
    const generationId = span.attributes[GENERATION_ID];
    // Other services may name it in traces of their own; the request's is the gateway's.
    const isKnown = this.#byGeneration.has(String(generationId));
    if (typeof generationId === "string" && (!isKnown || span.service === "gateway")) {
      this.#byGeneration.set(generationId, span.traceId);
    }
    for (const { traceId } of span.links) {
      const linkers = this.#linkers.get(traceId) ?? new Set();
      this.#linkers.set(traceId, linkers.add(span.traceId));
    }
  }

  #evictOldest(): void {
    const [oldest] = this.#traces.keys();
    if (oldest === undefined) {
      return;
    }
    for (const span of this.#traces.get(oldest) ?? []) {
      this.#spans -= 1;
      this.#byGeneration.delete(String(span.attributes[GENERATION_ID]));
      for (const { traceId } of span.links) {
        const linkers = this.#linkers.get(traceId);
        linkers?.delete(oldest);
        if (linkers?.size === 0) {
          this.#linkers.delete(traceId);
        }
      }
    }
    this.#traces.delete(oldest);
  }

  /** The last one that answered a request, or else the last. */
  #findLast(): string | undefined {
    const ids = [...this.#traces.keys()].toReversed();
    const isRequest = (id: string) =>
      this.#traces.get(id)?.some((span) => span.attributes[GENERATION_ID] !== undefined);
    return ids.find(isRequest) ?? ids[0];
  }

  /** Of the traces that link to this one: the spans with the link, and all below them. */
  #findLinked(traceId: string): Span[] {
    const linked: Span[] = [];
    for (const linker of this.#linkers.get(traceId) ?? []) {
      const spans = linker === traceId ? [] : (this.#traces.get(linker) ?? []);
      const taken = new Set<string>();
      for (const span of spans.toSorted((a, b) => a.startMs - b.startMs)) {
        const isBelow = span.parentSpanId !== undefined && taken.has(span.parentSpanId);
        if (isBelow || span.links.some((link) => link.traceId === traceId)) {
          taken.add(span.spanId);
          linked.push(span);
        }
      }
    }
    return linked.slice(0, LINKED_MAX);
  }

  #summarise(traceId: string): TraceSummary {
    const spans = this.#traces.get(traceId) ?? [];
    const ids = new Set(spans.map((span) => span.spanId));
    const root =
      spans.find((span) => span.parentSpanId === undefined || !ids.has(span.parentSpanId)) ??
      spans[0];
    const startMs = Math.min(...spans.map((span) => span.startMs));
    const generation = spans.find((span) => span.attributes[GENERATION_ID] !== undefined);
    const generationId = generation?.attributes[GENERATION_ID];
    return {
      traceId,
      generationId: generationId === undefined ? undefined : String(generationId),
      name: root?.name ?? "",
      service: root?.service ?? "",
      startMs,
      durationMs: Math.max(...spans.map((span) => span.endMs)) - startMs,
      spans: spans.length,
      errors: spans.filter((span) => span.isError).length,
    };
  }
}
