import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SimulatedRequest } from "../dialects/dialect.ts";
import { DEFAULT_SCRIPT } from "../script/script.ts";
import { composeAnswer } from "./compose-answer.ts";
import { splitArguments, splitWords } from "./split-units.ts";
import { countPromptTokens } from "./usage.ts";

const request: SimulatedRequest = {
  model: "sim",
  isStream: false,
  maxTokens: undefined,
  promptCharacters: 0,
  lastUserText: "one two three",
  tools: [],
  forcedTool: undefined,
  jsonSchema: undefined,
  wantsStreamUsage: false,
};
const weather = {
  name: "weather",
  schema: { type: "object", properties: { city: { type: "string" }, days: { type: "integer" } } },
};

describe("composeAnswer", () => {
  it("writes as many units as tokens, and the same ones each time", () => {
    const answer = composeAnswer({ ...DEFAULT_SCRIPT, tokens: 40 }, request);
    expect(answer.units).toHaveLength(40);
    expect(answer.units.map(({ text }) => text).join("")).toBe(answer.text);
    expect(composeAnswer({ ...DEFAULT_SCRIPT, tokens: 40 }, request)).toEqual(answer);
  });

  it("echoes the last user message", () => {
    const answer = composeAnswer({ ...DEFAULT_SCRIPT, isEcho: true }, request);
    expect(answer).toMatchObject({ text: "one two three", finish: "stop" });
    expect(answer.units).toHaveLength(3);
  });

  it("ends by length at max_tokens, reasoning included", () => {
    const script = { ...DEFAULT_SCRIPT, tokens: 10, reasoning: 4 };
    const answer = composeAnswer(script, { ...request, maxTokens: 6 });
    expect(answer.units).toHaveLength(6);
    expect(answer).toMatchObject({ reasoningUnits: 4, finish: "length" });
  });

  it("calls tools with arguments that fit their schema", () => {
    const script = { ...DEFAULT_SCRIPT, tools: 2 };
    const answer = composeAnswer(script, { ...request, tools: [weather] });
    expect(answer.finish).toBe("tools");
    expect(answer.tools.map(({ name }) => name)).toEqual(["weather", "weather"]);
    expect(JSON.parse(answer.tools[0]?.arguments ?? "")).toEqual({ city: "sample", days: 42 });
  });

  it("calls a forced tool without a script, and none that was not declared", () => {
    const forced = { ...request, tools: [weather], forcedTool: true as const };
    expect(composeAnswer(DEFAULT_SCRIPT, forced).tools).toHaveLength(1);
    expect(composeAnswer({ ...DEFAULT_SCRIPT, tools: 1 }, request).tools).toEqual([]);
  });

  it("answers a schema with a value that fits it", () => {
    const jsonSchema = {
      type: "object",
      properties: {
        kind: { enum: ["a", "b"] },
        list: { type: "array", items: { type: "number" }, minItems: 2 },
        maybe: { anyOf: [{ type: "boolean" }, { type: "null" }] },
      },
    };
    const answer = composeAnswer(DEFAULT_SCRIPT, { ...request, jsonSchema });
    expect(JSON.parse(answer.text)).toEqual({ kind: "a", list: [42, 42], maybe: true });
  });
});

describe("units", () => {
  it("join to the text they were split from, and none is empty", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        for (const units of [splitWords(text), splitArguments(text)]) {
          expect(units.join("")).toBe(text);
          expect(units).not.toContain("");
          // No half of a surrogate pair: the bytes of the parts are the bytes of the whole.
          const bytes = units.reduce((sum, unit) => sum + Buffer.byteLength(unit), 0);
          expect(bytes).toBe(Buffer.byteLength(text));
        }
      }),
    );
  });
});

describe("countPromptTokens", () => {
  it.each([
    [0, 1],
    [4, 1],
    [5, 2], // ceil(5 / 4)
    [400_000, 100_000],
  ])("%i characters are %i tokens", (characters, tokens) => {
    expect(countPromptTokens(characters)).toBe(tokens);
  });
});
