import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeTarget } from "../shared/testing-target.ts";
import { OpenAiStream } from "./stream.ts";
import { TextTemplate } from "./text-template.ts";

const target = makeTarget();

const text = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.constantFrom(
    "",
    'say "hi"',
    "back\\slash",
    "line\nbreak",
    '","index":0}],"usage":{"a":"',
    "é",
  ),
);
const rare = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 8 });

/** Events of a stream that mostly differ in their text, and now and then in anything else. */
const event = fc
  .record({
    content: rare(text).map((value) => value ?? "word"),
    id: rare(fc.constantFrom("chunk-2", 7, null)),
    index: rare(fc.constantFrom(0, 1)),
    delta: rare(
      fc.constantFrom(
        { role: "assistant" },
        { reasoning: "hm" },
        { refusal: "no" },
        { content: ["odd"] },
        { tool_calls: [{ index: 0, id: "a", function: { name: "f", arguments: "{}" } }] },
      ),
    ),
    choice: rare(
      fc.constantFrom(
        { finish_reason: "stop" },
        { logprobs: { content: [] } },
        { error: { message: "odd" } },
      ),
    ),
    extra: rare(
      fc.constantFrom(
        { usage: { prompt_tokens: 1, completion_tokens: 2 } },
        { system_fingerprint: "fp" },
        { error: { message: "odd" } },
        { choices: [] },
      ),
    ),
  })
  .map(({ content, id, index, delta, choice, extra }) => ({
    id: id === undefined ? "chunk-1" : id,
    model: "fast",
    choices: [
      {
        index: index ?? 0,
        delta: { content, ...delta },
        finish_reason: null,
        ...choice,
      },
    ],
    ...extra,
  }));

/** With blanks between names and values nothing is ever taken for a template. */
function writeWithBlanks(value: unknown): string {
  return JSON.stringify(value, undefined, 1);
}

function play(events: readonly unknown[], write: (value: unknown) => string) {
  const stream = new OpenAiStream(target);
  const outputs = events.map((value) => stream.push(write(value)));
  const { fault, usage, outputLength, upstreamId, finishReason, isEmpty } = stream;
  return { outputs, fault, usage, outputLength, upstreamId, finishReason, isEmpty };
}

describe("a stream whose events differ in their text alone", () => {
  it("reads the same whether an event is compared or parsed", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30, size: "max" }), (events) => {
        expect(play(events, JSON.stringify)).toEqual(play(events, writeWithBlanks));
      }),
      { numRuns: 500 },
    );
  });

  it("finds the text of the next event, and nothing in what cannot be read as it stands", () => {
    const template = new TextTemplate();
    const write = (content: string) => `{"choices":[{"index":0,"delta":{"content":"${content}"}}]}`;
    expect(template.match(write("one"))).toBeUndefined();
    template.learn(write("one"));
    expect(template.match(write("two, three"))).toBe("two, three");
    for (const other of ['a\\"b', "\\u0041", 'x","role":"user', "tab\t"]) {
      expect(template.match(write(other))).toBeUndefined();
    }
    expect(template.match(write("cut").slice(0, -3))).toBeUndefined();
  });

  it("gives up learning where something else changes every time", () => {
    const template = new TextTemplate();
    const write = (id: number) => `{"id":${id},"choices":[{"index":0,"delta":{"content":"a"}}]}`;
    for (let id = 0; id < 20; id += 1) {
      template.learn(write(id));
    }
    expect(template.match(write(7))).toBe("a");
    expect(template.match(write(19))).toBeUndefined();
  });
});
