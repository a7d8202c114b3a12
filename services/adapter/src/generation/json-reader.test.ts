import { type Provider, resolveProvider, type Target } from "@fairlead/providers";
import { describe, expect, it } from "vitest";
import { defaultAnswerLimits } from "./answer-reader.ts";
import { JsonReader } from "./json-reader.ts";

const target: Target = {
  provider: "acme",
  providerName: "Acme",
  publicModel: "acme/one",
  upstreamModel: "one",
  generationId: "gen-1",
  created: 1,
  isStream: false,
};
const openai = resolveProvider("acme", "openai");

function read(response: Provider["response"]): JsonReader {
  const reader = new JsonReader({ ...openai, response }, target, defaultAnswerLimits);
  reader.push(Buffer.from('{"choices":[{"finish_reason":"stop","message":{"content":"Hi"}}]}'));
  return reader;
}

function nest(levels: number): object {
  let value = {};
  for (let level = 0; level < levels; level += 1) {
    value = { value };
  }
  return value;
}

describe("an answer in one piece", () => {
  it("is read", () => {
    const reader = read(openai.response);
    expect(reader.end(false)).toContain('"content":"Hi"');
    expect(reader.fault).toBeUndefined();
  });

  it.each<[string, Provider["response"]]>([
    [
      "whose translation throws",
      () => {
        throw new RangeError("stack");
      },
    ],
    [
      "that cannot be written",
      (body, it) => {
        const translated = openai.response(body, it);
        return translated.completion === undefined
          ? translated
          : { ...translated, completion: { ...translated.completion, x: nest(20_000) } };
      },
    ],
  ])("%s is the provider's fault", (_name, response) => {
    const reader = read(response);
    expect(reader.end(false)).toBe("");
    expect(reader.fault).toMatchObject({ code: "provider_unavailable", isRetryable: true });
    expect(reader.finishReason).toBeUndefined();
    expect(reader.usage).toBeUndefined();
  });
});
