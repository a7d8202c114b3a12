import OpenAI from "openai";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createKey, isAskedUpstream, lastUpstreamRequest, openAi } from "../support/clients.ts";

const client = openAi();
const weather = {
  type: "function",
  function: {
    name: "get_weather",
    description: "Weather of a place",
    parameters: { type: "object", properties: { place: { type: "string" } }, required: ["place"] },
  },
} as const satisfies OpenAI.ChatCompletionTool;
const pixel =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

/** What Fairlead adds to OpenAI's usage. */
const usageShape = z.object({
  prompt_tokens: z.number().int().positive(),
  completion_tokens: z.number().int().positive(),
  total_tokens: z.number().int().positive(),
  cost: z.number().positive(),
  is_byok: z.literal(false),
  prompt_tokens_details: z.object({ cached_tokens: z.number().int() }),
  completion_tokens_details: z.object({ reasoning_tokens: z.number().int() }),
});

function ask(text: string, script = ""): OpenAI.ChatCompletionMessageParam[] {
  return [{ role: "user", content: script === "" ? text : `${text}\nsimulator: ${script}` }];
}

/** One model of each dialect: OpenAI, Anthropic, Gemini. */
const dialects = ["simulated/slow", "simulated/claude", "simulated/gemini"];

describe.each(dialects)("%s", (model) => {
  it("answers with text, usage and cost", async () => {
    const { data, response } = await client.chat.completions
      .create({ model, messages: ask("Say something.", "tokens=12") })
      .withResponse();
    expect(data.id).toMatch(/^gen-\d+-[0-9A-Za-z]{20}$/);
    expect(response.headers.get("x-generation-id")).toBe(data.id);
    expect(data).toMatchObject({ object: "chat.completion", model });
    expect(data.choices[0]).toMatchObject({
      finish_reason: "stop",
      message: { role: "assistant", content: expect.stringMatching(/\S/) },
    });
    const usage = usageShape.parse(data.usage);
    expect(usage.completion_tokens).toBe(12);
    expect(usage.total_tokens).toBe(usage.prompt_tokens + 12);
  });

  it("streams the same, with one usage chunk at its end", async () => {
    const stream = await client.chat.completions.create({
      model,
      messages: ask("Say something.", "tokens=40"),
      stream: true,
    });
    let text = "";
    const ids = new Set<string>();
    const finishes: string[] = [];
    const usages: unknown[] = [];
    for await (const chunk of stream) {
      ids.add(chunk.id);
      text += chunk.choices[0]?.delta.content ?? "";
      finishes.push(...chunk.choices.flatMap((choice) => choice.finish_reason ?? []));
      if (chunk.usage) {
        usages.push(chunk.usage);
        expect(chunk.choices).toEqual([]);
      }
    }
    expect(ids.size).toBe(1);
    expect(text).toMatch(/\S/);
    expect(finishes).toEqual(["stop"]);
    expect(usages).toHaveLength(1);
    expect(usageShape.parse(usages[0]).completion_tokens).toBe(40);
  });

  it.each([1, 3])("calls %i tools, streamed and not, with the same arguments", async (count) => {
    const request = { model, messages: ask("Weather?", `tools=${count}`), tools: [weather] };
    const whole = await client.chat.completions.create(request);
    const calls = whole.choices[0]?.message.tool_calls ?? [];
    expect(whole.choices[0]?.finish_reason).toBe("tool_calls");
    expect(calls).toHaveLength(count);
    const streamed = await client.chat.completions.stream(request).finalChatCompletion();
    const streamedCalls = streamed.choices[0]?.message.tool_calls ?? [];
    expect(streamedCalls).toHaveLength(count);
    for (const call of [...calls, ...streamedCalls]) {
      if (call.type !== "function") {
        throw new Error(`unexpected tool call type ${call.type}`);
      }
      expect(call.id).toMatch(/\S/);
      expect(call.function.name).toBe("get_weather");
      expect(JSON.parse(call.function.arguments)).toBeTypeOf("object");
    }
    expect(new Set(calls.map((call) => call.id)).size).toBe(count);
  });

  it("takes the results of parallel tools back", async () => {
    const messages = ask("Weather?", "tools=2");
    const first = await client.chat.completions.create({ model, messages, tools: [weather] });
    const message = first.choices[0]?.message;
    if (message === undefined) {
      throw new Error("no message");
    }
    const results = (message.tool_calls ?? []).map((call) => ({
      role: "tool" as const,
      tool_call_id: call.id,
      content: '{"celsius": 21}',
    }));
    const second = await client.chat.completions.create({
      model,
      tools: [weather],
      messages: [...messages, message, ...results, ...ask("And now?", "tokens=5")],
    });
    expect(second.choices[0]?.message.content).toMatch(/\S/);
  });

  it("gives structured output that parses", async () => {
    const answer = await client.chat.completions.create({
      model,
      messages: ask("As JSON, please.", "json=1"),
      response_format: {
        type: "json_schema",
        json_schema: {
          name: "answer",
          strict: true,
          schema: {
            type: "object",
            properties: { answer: { type: "string" } },
            required: ["answer"],
            additionalProperties: false,
          },
        },
      },
    });
    expect(JSON.parse(answer.choices[0]?.message.content ?? "")).toBeTypeOf("object");
  });

  it("takes an image", async () => {
    const answer = await client.chat.completions.create({
      model,
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "What is it?\nsimulator: tokens=3" },
            { type: "image_url", image_url: { url: pixel } },
          ],
        },
      ],
    });
    expect(answer.usage?.completion_tokens).toBe(3);
  });

  it("shows its reasoning and goes on from it", async () => {
    const messages = ask("Think.", "tokens=5 reasoning=10");
    const reasoning = { reasoning: { effort: "low" } } as object;
    const first = await client.chat.completions.create({ model, messages, ...reasoning });
    const message = first.choices[0]?.message as OpenAI.ChatCompletionMessage & {
      reasoning?: string;
      reasoning_details?: unknown[];
    };
    expect(message.reasoning).toMatch(/\S/);
    // Anthropic does not count them apart.
    const counted = model === "simulated/claude" ? 0 : 10;
    expect(first.usage?.completion_tokens_details?.reasoning_tokens).toBe(counted);
    const second = await client.chat.completions.create({
      model,
      messages: [...messages, message, ...ask("Go on.", "tokens=2")],
      ...reasoning,
    });
    expect(second.choices[0]?.finish_reason).toBe("stop");
  });
});

describe("a client that goes away", () => {
  it("stops the stream at once and pays for what was produced", async () => {
    const controller = new AbortController();
    // Of more than four minutes.
    const stream = await client.chat.completions.create(
      { model: "simulated/slow", messages: ask("Talk.", "tokens=5000 rate=20"), stream: true },
      { signal: controller.signal },
    );
    let id = "";
    let seen = 0;
    // The SDK ends a stream that its caller aborts without an error.
    for await (const chunk of stream) {
      id = chunk.id;
      seen += 1;
      if (seen === 10) {
        controller.abort();
      }
    }
    expect(seen).toBeGreaterThanOrEqual(10);
    await expect
      .poll(async () => (await client.get(`/generation?id=${id}`).asResponse()).status, {
        timeout: 20_000,
      })
      .toBe(200);
    const record = (await client.get(`/generation?id=${id}`)) as {
      data: { cancelled: boolean; native_tokens_completion: number; total_cost: number };
    };
    expect(record.data.cancelled).toBe(true);
    expect(record.data.native_tokens_completion).toBeGreaterThanOrEqual(8);
    expect(record.data.native_tokens_completion).toBeLessThan(200);
    expect(record.data.total_cost).toBeGreaterThan(0);
  });

  it("pays for an answer in one piece that comes soon after it left", async () => {
    const own = openAi({ apiKey: await createKey({ creditUsd: "1" }) });
    const used = async () => {
      const { data } = (await own.get("/key")) as { data: { usage: number } };
      return data.usage;
    };
    const controller = new AbortController();
    const text = `Whole, ${crypto.randomUUID()}.`;
    const since = await lastUpstreamRequest();
    const left = own.chat.completions.create(
      { model: "simulated/slow", messages: ask(text, "tokens=5 ttft=1000") },
      { signal: controller.signal },
    );
    const outcome = expect(left).rejects.toBeInstanceOf(OpenAI.APIUserAbortError);
    await expect.poll(() => isAskedUpstream(text, since), { interval: 20 }).toBe(true);
    controller.abort();
    await outcome;
    await expect.poll(used, { timeout: 10_000 }).toBeGreaterThan(0);
  });

  it("gets the SDK's own error when it aborts before the answer", async () => {
    const controller = new AbortController();
    const aborted = client.chat.completions.create(
      { model: "simulated/slow", messages: ask("Slowly.", "ttft=30000") },
      { signal: controller.signal },
    );
    setTimeout(() => controller.abort(), 200);
    await expect(aborted).rejects.toBeInstanceOf(OpenAI.APIUserAbortError);
  });

  it("gets its own timeout error when it does not wait", async () => {
    const hasty = client.chat.completions.create(
      { model: "simulated/slow", messages: ask("Slowly.", "ttft=5000") },
      { timeout: 200, maxRetries: 0 },
    );
    await expect(hasty).rejects.toBeInstanceOf(OpenAI.APIConnectionTimeoutError);
  });
});

describe("both base URLs", () => {
  it.each(["/v1", "/api/v1"])("%s serves the OpenAI SDK", async (path) => {
    const models = await openAi({ path }).models.list();
    expect(models.data.map((model) => model.id)).toContain("simulated/echo");
  });
});
