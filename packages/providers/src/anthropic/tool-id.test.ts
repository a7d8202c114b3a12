import type { ChatRequest } from "@fairlead/openai";
import { describe, expect, it } from "vitest";
import { makeTarget } from "../shared/testing-target.ts";
import { convertRequest } from "./request.ts";

/** Ids of a call and of its answer, as they go to the API. */
function send(ids: readonly string[]): { calls: string[]; results: string[] } {
  const call = (id: string) =>
    ({ id, type: "function", function: { name: "f", arguments: "{}" } }) as const;
  const chat: ChatRequest = {
    messages: [
      { role: "user", content: "Hi" },
      { role: "assistant", content: null, tool_calls: ids.map(call) },
      ...ids.map((id) => ({ role: "tool", tool_call_id: id, content: "x" }) as const),
    ],
  };
  const { messages } = JSON.parse(convertRequest(chat, makeTarget({ isStream: false })).body);
  return {
    calls: messages[1].content.map((block: { id: string }) => block.id),
    results: messages[2].content.map((block: { tool_use_id: string }) => block.tool_use_id),
  };
}

describe("tool ids", () => {
  it("go as they are where the API takes them", () => {
    const ids = ["toolu_01AbC-x", "call_1"];
    expect(send(ids)).toEqual({ calls: ids, results: ids });
  });

  it("of other models become ones that it takes, the same in call and answer, each its own", () => {
    const [other = ""] = send(["functions.f:0"]).calls;
    const ids = ["functions.f:0", "functions.f:1", "functions_f_0", "f 0", "größe", "", other];
    const { calls, results } = send(ids);
    expect(results).toEqual(calls);
    expect(new Set(calls).size).toBe(ids.length);
    for (const id of calls) {
      expect(id).toMatch(/^[a-zA-Z0-9_-]+$/);
    }
    expect(send(ids).calls).toEqual(calls);
  });
});
