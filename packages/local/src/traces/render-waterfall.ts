import type { Span, Trace } from "./span.ts";

const WIDTH_MIN = 80;
const BAR_WIDTH_MIN = 16;
const NAME_WIDTH_MAX = 48;
const MS_WIDTH = 11;
/** Eighths of a cell, for the ends of bars. */
const PART_OF_CELL = 8;
const partialCells = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

interface Row {
  readonly span: Span;
  /** The name with the lines of the tree before it. */
  readonly label: string;
}

export interface WaterfallOptions {
  /** Of the terminal, in characters. */
  readonly width: number;
  readonly hasColor: boolean;
}

/**
 * One trace as text: a line for each span with its service, its place in the tree, a bar on the
 * trace's time line, and its duration. Spans of other traces that link here follow at the end.
 */
export function renderWaterfall(trace: Trace, options: WaterfallOptions): string {
  const rows = orderTree(trace.spans);
  const linkedRows = orderTree(trace.linked);
  const all = [...rows, ...linkedRows];
  const startMs = Math.min(...trace.spans.map((span) => span.startMs));
  const endMs = Math.max(...all.map(({ span }) => span.endMs));
  const serviceWidth = Math.max(...all.map(({ span }) => span.service.length));
  const nameWidth = Math.min(NAME_WIDTH_MAX, Math.max(...all.map(({ label }) => label.length)));
  const used = serviceWidth + nameWidth + MS_WIDTH + 4;
  const barWidth = Math.max(BAR_WIDTH_MIN, Math.max(WIDTH_MIN, options.width) - used);
  const draw = ({ span, label }: Row): string => {
    const bar = drawBar(span, { startMs, totalMs: Math.max(endMs - startMs, 0.001), barWidth });
    const ms = `${(span.endMs - span.startMs).toFixed(2)} ms`.padStart(MS_WIDTH);
    const mark = span.isError ? ` ✗ ${describeError(span)}` : "";
    const line = `${span.service.padEnd(serviceWidth)}  ${fit(label, nameWidth)}  ${bar}${ms}${mark}`;
    return span.isError && options.hasColor ? `\u001b[31m${line}\u001b[0m` : line;
  };
  const lines = [describeTrace(trace, startMs), "", ...rows.map(draw)];
  if (linkedRows.length > 0) {
    lines.push("", "linked to this trace:", ...linkedRows.map(draw));
  }
  return lines.join("\n");
}

function describeTrace(trace: Trace, startMs: number): string {
  const durationMs = Math.max(...trace.spans.map((span) => span.endMs)) - startMs;
  const find = (name: string) =>
    trace.spans.map((span) => span.attributes[name]).find((value) => value !== undefined);
  const facts = [
    `trace ${trace.traceId}`,
    find("gen_ai.response.id"),
    find("gen_ai.request.model"),
    new Date(startMs).toISOString(),
    `${durationMs.toFixed(2)} ms`,
    `${trace.spans.length} spans`,
  ];
  return facts.filter((fact) => fact !== undefined).join("  ");
}

/** Depth first, siblings by their start; a span whose parent is not here is a root. */
function orderTree(spans: readonly Span[]): Row[] {
  const ids = new Set(spans.map((span) => span.spanId));
  const children = new Map<string | undefined, Span[]>();
  for (const span of spans.toSorted((a, b) => a.startMs - b.startMs)) {
    const hasParent = span.parentSpanId !== undefined && ids.has(span.parentSpanId);
    const parent = hasParent && span.parentSpanId !== span.spanId ? span.parentSpanId : undefined;
    const siblings = children.get(parent) ?? [];
    children.set(parent, siblings);
    siblings.push(span);
  }
  const rows: Row[] = [];
  const visit = (span: Span, ownPrefix: string, childPrefix: string) => {
    rows.push({ span, label: `${ownPrefix}${span.name}` });
    const below = children.get(span.spanId) ?? [];
    for (const [index, child] of below.entries()) {
      const isLast = index === below.length - 1;
      visit(
        child,
        `${childPrefix}${isLast ? "└ " : "├ "}`,
        `${childPrefix}${isLast ? "  " : "│ "}`,
      );
    }
  };
  for (const root of children.get(undefined) ?? []) {
    visit(root, "", "");
  }
  return rows;
}

function drawBar(
  span: Span,
  scale: { readonly startMs: number; readonly totalMs: number; readonly barWidth: number },
): string {
  const { startMs, totalMs, barWidth } = scale;
  const place = (ms: number) => Math.max(0, Math.min(1, (ms - startMs) / totalMs)) * barWidth;
  const from = Math.min(Math.floor(place(span.startMs)), barWidth - 1);
  const parts = Math.round((place(span.endMs) - from) * PART_OF_CELL);
  const full = Math.floor(parts / PART_OF_CELL);
  const bar = "█".repeat(full) + (partialCells[parts % PART_OF_CELL] ?? "");
  return `${" ".repeat(from)}${bar === "" ? "▏" : bar}`.padEnd(barWidth).slice(0, barWidth);
}

function describeError(span: Span): string {
  const { attributes } = span;
  return String(
    attributes["fairlead.error.code"] ??
      attributes["error.type"] ??
      attributes["http.response.status_code"] ??
      "error",
  );
}

function fit(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width);
}
