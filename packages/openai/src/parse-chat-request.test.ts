import { AppError } from "@fairlead/errors";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseChatRequest } from "./parse-chat-request.ts";

const encoder = new TextEncoder();
const user = { role: "user", content: "Hello" };

function parse(body: unknown) {
  return parseChatRequest(encoder.encode(typeof body === "string" ? body : JSON.stringify(body)));
}

function refusal(body: unknown): AppError {
  try {
    parse(body);
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    expect((error as AppError).code).toBe("invalid_request");
    return error as AppError;
  }
  throw new Error("was accepted");
}

describe("parseChatRequest", () => {
  it("passes what it does not know untouched", () => {
    const body = { messages: [user], safe_prompt: true, usage: { include: true }, later: null };
    expect(parse(body)).toEqual(body);
  });

  it("takes null of a known field for not set", () => {
    const request = parse({
      messages: [{ role: "assistant", content: null, tool_calls: null }, user],
      temperature: null,
      tools: null,
      provider: {
        order: null,
        sort: { by: null, partition: "none" },
        max_price: { prompt: null, completion: 1, image: null },
        preferred_max_latency: { p50: null, p90: 3 },
        preferred_min_throughput: { p50: null },
      },
      reasoning: { effort: null },
    });
    expect(JSON.parse(JSON.stringify(request))).toEqual({
      messages: [{ role: "assistant", content: null }, user],
      provider: {
        sort: { partition: "none" },
        max_price: { completion: 1 },
        preferred_max_latency: { p90: 3 },
        preferred_min_throughput: {},
      },
      reasoning: {},
    });
    expect(request.provider?.max_price).not.toHaveProperty("prompt");
    expect(request.provider?.preferred_max_latency).not.toHaveProperty("p50");
    expect(request.provider?.sort).not.toHaveProperty("by");
  });

  it("takes what asks for nothing of what is not served", () => {
    const body = { messages: [user], preset: null, provider: { enforce_distillable_text: false } };
    expect(parse(body).provider).toEqual({ enforce_distillable_text: false });
  });

  it("takes every kind of content part", () => {
    const content = [
      { type: "text", text: "x", cache_control: { type: "ephemeral", ttl: "1h" } },
      { type: "image_url", image_url: { url: "https://example.com/a.png", detail: "low" } },
      { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
      { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,AAAA" } },
      { type: "file", file: { file_id: "file-1" } },
      { type: "input_audio", input_audio: { data: "AAAA", format: "wav" } },
      { type: "video_url", video_url: { url: "https://example.com/a.mp4" } },
    ];
    expect(parse({ messages: [{ role: "user", content }] }).messages[0]?.content).toEqual(content);
  });

  it("lets the last of duplicate keys win and __proto__ do nothing", () => {
    const body = `{"messages":[],"__proto__":{"stream":true},"messages":[{"role":"user","content":"x","__proto__":{"name":1}}]}`;
    const request = parse(body);
    expect(request.messages).toHaveLength(1);
    expect(request.stream).toBeUndefined();
    expect(({} as { stream?: boolean }).stream).toBeUndefined();
  });

  it("takes a byte order mark and lone surrogates", () => {
    const request = parse('\uFEFF{"messages":[{"role":"user","content":"\\ud800"}]}');
    expect(request.messages[0]?.content).toBe("\ud800");
    expect(JSON.stringify(request)).toContain("\\ud800");
  });

  it.each([
    ["", "empty"],
    ["{", "JSON"],
    ["[]", "object"],
    ["null", "object"],
    ['"x"', "object"],
    [`{"messages":[${"[".repeat(200_000)}`, "JSON"],
  ])("refuses a body that is no JSON object: %.20s", (body, word) => {
    expect(refusal(body).message).toContain(word);
  });

  it("refuses bytes that are not UTF-8", () => {
    expect(() => parseChatRequest(Uint8Array.of(0x7b, 0xff, 0x7d))).toThrow(/UTF-8/);
  });

  it.each([65, 1_000, 200_000])("refuses a body %d levels deep", (levels) => {
    const nested = `${"[".repeat(levels)}${"]".repeat(levels)}`;
    expect(refusal(`{"messages":[],"x":${nested}}`).message).toContain("64 levels");
    const objects = `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
    expect(refusal(`{"messages":[],"x":${objects}}`).message).toContain("64 levels");
  });

  it("never throws anything but an AppError", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.jsonValue({ maxDepth: 3 }), (a, b) => {
        try {
          parse({ messages: [user, { role: "assistant", tool_calls: a }], provider: b, tools: a });
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe("parseChatRequest names the field at fault", () => {
  const message = (fields: object) => ({ messages: [user, user, user, fields] });
  const part = (fields: object) => message({ role: "user", content: [fields] });
  it.each<[string, object]>([
    ["messages", {}],
    ["messages", { messages: [] }],
    ["messages", { messages: "x" }],
    ["messages", { messages: Array.from({ length: 10_001 }, () => user) }],
    ["messages[0]", { messages: [null] }],
    ["messages[3].role", message({ role: "robot", content: "x" })],
    ["messages[3].content", message({ role: "user", content: null })],
    ["messages[3].content", message({ role: "user", content: [] })],
    ["messages[3].tool_call_id", message({ role: "tool", content: "x" })],
    ["messages[3].content[0].type", part({ type: "poem" })],
    ["messages[3].content[0].text", part({ type: "text", text: 1 })],
    ["messages[3].content[0].image_url", part({ type: "image_url", image_url: "https://x.y" })],
    [
      "messages[3].content[0].image_url.url",
      part({ type: "image_url", image_url: { url: "file:///etc" } }),
    ],
    [
      "messages[3].content[0].image_url.url",
      part({ type: "image_url", image_url: { url: "data:text/html;base64,AA" } }),
    ],
    [
      "messages[3].content[0].input_audio.data",
      part({ type: "input_audio", input_audio: { data: "data:x" } }),
    ],
    ["messages[3].content[0].file.file_data", part({ type: "file", file: {} })],
    [
      "messages[3].content[0].cache_control.ttl",
      part({ type: "text", text: "x", cache_control: { type: "ephemeral", ttl: "1d" } }),
    ],
    [
      "messages[3].tool_calls[0].id",
      message({ role: "assistant", tool_calls: [{ function: {} }] }),
    ],
    ["messages[3].reasoning_details[0]", message({ role: "assistant", reasoning_details: ["x"] })],
    ["max_tokens", { messages: [user], max_tokens: 0 }],
    ["max_tokens", { messages: [user], max_tokens: -1 }],
    ["max_tokens", { messages: [user], max_tokens: 1.5 }],
    ["max_tokens", { messages: [user], max_tokens: 1e300 }],
    ["max_tokens", { messages: [user], max_tokens: "10" }],
    ["temperature", { messages: [user], temperature: 2.1 }],
    ["n", { messages: [user], n: 0 }],
    ["stop", { messages: [user], stop: ["a", "b", "c", "d", "e"] }],
    ["stop[1]", { messages: [user], stop: ["a", 1] }],
    ["stream", { messages: [user], stream: "true" }],
    ["models[0]", { messages: [user], models: [""] }],
    ["session_id", { messages: [user], session_id: "x".repeat(257) }],
    ["metadata.k", { messages: [user], metadata: { k: 1 } }],
    ["reasoning", { messages: [user], reasoning: { effort: "low", max_tokens: 10 } }],
    ["reasoning.effort", { messages: [user], reasoning: { effort: "lots" } }],
    [
      "reasoning_effort",
      { messages: [user], reasoning_effort: "low", reasoning: { effort: "high" } },
    ],
    ["tools[0].function.name", { messages: [user], tools: [{ type: "function", function: {} }] }],
    ["tool_choice", { messages: [user], tool_choice: "required" }],
    [
      "tool_choice.function.name",
      { messages: [user], tool_choice: { type: "function", function: { name: "f" } } },
    ],
    ["response_format.json_schema", { messages: [user], response_format: { type: "json_schema" } }],
    ["provider.sort", { messages: [user], provider: { sort: "fastest" } }],
    ["provider.max_price.prompt", { messages: [user], provider: { max_price: { prompt: "1e3" } } }],
    ["provider.max_price.prompt", { messages: [user], provider: { max_price: { prompt: -1 } } }],
    ["provider.max_price.prompt", { messages: [user], provider: { max_price: { prompt: 1e-7 } } }],
    ["provider.max_price.image", { messages: [user], provider: { max_price: { image: 0.01 } } }],
    ["provider.max_price.audio", { messages: [user], provider: { max_price: { audio: "1" } } }],
    ["preset", { messages: [user], preset: "mine" }],
    [
      "provider.enforce_distillable_text",
      { messages: [user], provider: { enforce_distillable_text: true } },
    ],
    ["provider.quantizations[0]", { messages: [user], provider: { quantizations: ["fp7"] } }],
    ["provider.only[0]", { messages: [user], provider: { only: [1] } }],
  ])("%s", (param, body) => {
    const error = refusal(body);
    expect(error.param).toBe(param);
    expect(error.message.startsWith(`${param}: `)).toBe(true);
  });

  it("knows infinity when JSON writes it", () => {
    const error = refusal('{"messages":[{"role":"user","content":"x"}],"max_tokens":1e309}');
    expect(error.param).toBe("max_tokens");
  });
});

describe("provider.max_price", () => {
  const parsePrice = (prompt: unknown) =>
    parse({ messages: [user], provider: { max_price: { prompt } } }).provider?.max_price;

  it.each([0, 2.5, "2.50", 0.000001, "0.000001", "999999", 999_999.999999])("takes %s", (price) => {
    expect(parsePrice(price)).toEqual({ prompt: price });
  });

  it.each(["abc", "", "1e3", "-1", "0.0000001", 1e-7, 0.1 + 0.2, 1_000_000, true])(
    "refuses %s, whether number or text, by one rule",
    (price) => {
      const message = `provider.max_price.prompt: must be USD from 0 to 999999.999999 with at most 6 decimal places, such as 2.5 or "2.50".`;
      const body = { messages: [user], provider: { max_price: { prompt: price } } };
      expect(refusal(body).message).toBe(message);
    },
  );
});
