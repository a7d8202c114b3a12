import { describe, expect, it } from "vitest";
import { resolveProvider } from "./registry.ts";
import { makeTarget } from "./shared/testing-target.ts";

/** Objects inside each other: too many for JSON.stringify, which recurses. */
const nest = (levels: number) => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;

/** An answer and an event of each dialect, with room for a value that is passed on. */
const shapes = {
  openai: {
    answer: (value: string) =>
      `{"id":"1","choices":[{"index":0,"finish_reason":"stop","logprobs":{"content":[${value}]},"message":{"role":"assistant","content":"Hi"}}]}`,
    event: (value: string) =>
      `{"id":"1","choices":[{"index":0,"logprobs":{"content":[${value}]},"delta":{"content":"Hi"}}]}`,
  },
  anthropic: {
    answer: (value: string) =>
      `{"id":"1","stop_reason":"tool_use","content":[{"type":"tool_use","id":"t","name":"f","input":${value}}]}`,
    event: (value: string) =>
      `{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"f","input":${value}}}`,
  },
  gemini: {
    answer: (value: string) =>
      `{"candidates":[{"finishReason":"STOP","content":{"parts":[{"functionCall":{"name":"f","args":${value}}}]}}]}`,
    event: (value: string) =>
      `{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":${value}}}]}}]}`,
  },
} as const;

describe.each(["openai", "anthropic", "gemini"] as const)("%s", (dialect) => {
  const provider = resolveProvider("acme", dialect);
  const { answer, event } = shapes[dialect];

  it.each([200, 20_000])("finds a fault in %d levels of nesting", (levels) => {
    const body = answer(nest(levels));
    expect(provider.response(body, makeTarget({ isStream: false })).fault).toMatchObject({
      isRetryable: true,
      isEndpointFault: true,
    });
    const stream = provider.stream(makeTarget());
    expect(stream.push(event(nest(levels)))).toBe("");
    expect(stream.fault).toMatchObject({ isRetryable: true, isEndpointFault: true });
    expect(stream.hasContent).toBe(false);
  });

  it("takes what people nest", () => {
    const wide = `{"list":[${Array.from({ length: 500 }, () => nest(40)).join()}]}`;
    expect(provider.response(answer(wide), makeTarget({ isStream: false })).fault).toBeUndefined();
    const stream = provider.stream(makeTarget());
    expect(stream.push(event(wide))).not.toBe("");
    expect(stream.fault).toBeUndefined();
  });
});
