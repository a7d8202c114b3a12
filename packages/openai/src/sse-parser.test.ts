import { createParser } from "eventsource-parser";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SseParser } from "./sse-parser.ts";

type Event = [data: string, name: string];

function parseSplit(bytes: Uint8Array, cuts: readonly number[]): Event[] {
  const events: Event[] = [];
  const parser = new SseParser((data, name) => events.push([data, name]));
  let start = 0;
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    parser.push(bytes.subarray(start, Math.min(cut, bytes.length)));
    start = Math.min(cut, bytes.length);
  }
  parser.push(bytes.subarray(start));
  return events;
}

function parseByReference(bytes: Uint8Array): Event[] {
  const events: Event[] = [];
  const parser = createParser({
    onEvent: (event) => events.push([event.data, event.event ?? ""]),
  });
  parser.feed(new TextDecoder().decode(bytes));
  return events;
}

const line = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 12 }).map((text) => `data: ${text}`),
  fc.constantFrom("data:", "data", "data:  two", ": comment", "event: ping", "event:x", "id: 1"),
  fc.constantFrom("retry: 5", "unknown: 1", "", "", "data: ÄÖ💡é", "data: [DONE]", ":"),
);
const stream = fc
  .array(fc.tuple(line, fc.constantFrom("\n", "\n", "\r\n", "\r")), { maxLength: 30 })
  .map((lines) =>
    // A CR at the very end may be half a CRLF: the reference waits for more.
    new TextEncoder().encode(
      `${lines.map(([text, end]) => text.replace(/[\r\n]/g, "") + end).join("")}\n\n`,
    ),
  );

describe("SseParser", () => {
  it("agrees with the reference however the bytes are split", () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(400), { maxLength: 40 }), (bytes, cuts) => {
        const expected = parseByReference(bytes);
        expect(parseSplit(bytes, cuts)).toEqual(expected);
        expect(parseSplit(bytes, [...bytes.keys()])).toEqual(expected);
      }),
      { numRuns: 400 },
    );
  });

  it("decodes any bytes as a whole-stream decoder would", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.array(fc.nat(60)), (noise, cuts) => {
        const body = noise.map((byte) => (byte === 10 || byte === 13 ? 32 : byte));
        const bytes = Buffer.concat([Buffer.from("data: x"), body, Buffer.from("\n\n")]);
        const expected = new TextDecoder().decode(bytes).slice(6, -2);
        expect(parseSplit(bytes, cuts)).toEqual([[expected, ""]]);
      }),
    );
  });

  it("skips a byte order mark, also when it is cut", () => {
    const bytes = new TextEncoder().encode("\uFEFFdata: x\n\n");
    expect(parseSplit(bytes, [])).toEqual([["x", ""]]);
    expect(parseSplit(bytes, [1, 2])).toEqual([["x", ""]]);
  });

  it("hands over at the end an event that lacks only its blank line", () => {
    const events: string[] = [];
    const parser = new SseParser((data) => events.push(data));
    parser.push(new TextEncoder().encode("data: a\n\ndata: [DONE]"));
    expect(events).toEqual(["a"]);
    parser.end();
    expect(events).toEqual(["a", "[DONE]"]);
  });

  it("bounds lines and events, and stays faulty", () => {
    const events: string[] = [];
    const limits = { lineMax: 20, eventMax: 30 };
    const long = new SseParser((data) => events.push(data), limits);
    expect(long.push(Buffer.from(`data: ${"x".repeat(10)}`))).toBeUndefined();
    expect(long.push(Buffer.from("x".repeat(10)))).toBe("line_too_long");
    expect(long.push(Buffer.from("\n\ndata: y\n\n"))).toBe("line_too_long");
    expect(long.end()).toBe("line_too_long");
    const many = new SseParser((data) => events.push(data), limits);
    expect(many.push(Buffer.from(`data: ${"x".repeat(14)}\n`.repeat(3)))).toBe("event_too_long");
    expect(events).toEqual([]);
  });
});
