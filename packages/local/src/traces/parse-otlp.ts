import { z } from "zod";
import type { Span } from "./span.ts";

const SERVICE_PREFIX = "fairlead-";
const STATUS_ERROR = 2;
const NANO_PER_MS = 1_000_000n;
/** Digits kept of a millisecond. */
const FRACTION = 1_000;

/** The protocol's JSON writes 64-bit integers as text. */
const integer = z.union([z.string().regex(/^\d{1,20}$/), z.number().int().nonnegative()]);
const value = z.object({
  stringValue: z.string().optional(),
  intValue: z.union([z.string(), z.number()]).optional(),
  doubleValue: z.number().optional(),
  boolValue: z.boolean().optional(),
  arrayValue: z.unknown().optional(),
});
const attributes = z.array(z.object({ key: z.string(), value })).default([]);
const span = z.object({
  traceId: z.string().min(1),
  spanId: z.string().min(1),
  parentSpanId: z.string().optional(),
  name: z.string(),
  startTimeUnixNano: integer,
  endTimeUnixNano: integer,
  attributes,
  links: z.array(z.object({ traceId: z.string(), spanId: z.string() })).default([]),
  status: z.object({ code: z.number().optional() }).optional(),
});
const exportRequest = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes }).optional(),
      scopeSpans: z.array(z.object({ spans: z.array(span) })).default([]),
    }),
  ),
});

type Attributes = Record<string, string | number | boolean>;

/** The spans of an OTLP/HTTP export in JSON. Throws a ZodError on what is not one. */
export function parseOtlp(body: unknown): Span[] {
  const { resourceSpans } = exportRequest.parse(body);
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const name = String(readAttributes(resource?.attributes ?? [])["service.name"] ?? "unknown");
    const service = name.startsWith(SERVICE_PREFIX) ? name.slice(SERVICE_PREFIX.length) : name;
    return scopeSpans.flatMap((scope) => scope.spans.map((raw) => convertSpan(service, raw)));
  });
}

function convertSpan(service: string, raw: z.output<typeof span>): Span {
  return {
    traceId: raw.traceId,
    spanId: raw.spanId,
    parentSpanId: raw.parentSpanId === "" ? undefined : raw.parentSpanId,
    name: raw.name,
    service,
    startMs: toMs(raw.startTimeUnixNano),
    endMs: toMs(raw.endTimeUnixNano),
    isError: raw.status?.code === STATUS_ERROR,
    attributes: readAttributes(raw.attributes),
    links: raw.links,
  };
}

function readAttributes(list: z.output<typeof attributes>): Attributes {
  const read: Attributes = Object.create(null);
  for (const { key, value: raw } of list) {
    const { stringValue, intValue, doubleValue, boolValue, arrayValue } = raw;
    read[key] =
      stringValue ??
      (intValue === undefined ? undefined : Number(intValue)) ??
      doubleValue ??
      boolValue ??
      JSON.stringify(arrayValue ?? null);
  }
  return read;
}

function toMs(nano: string | number): number {
  return Number((BigInt(nano) * BigInt(FRACTION)) / NANO_PER_MS) / FRACTION;
}
