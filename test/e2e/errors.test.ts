import OpenAI from "openai";
import { describe, expect, it } from "vitest";
import { createKey, openAi, platform } from "../support/clients.ts";

const client = openAi();

function ask(model: string, script: string, extra: object = {}) {
  return client.chat.completions.create({
    model,
    messages: [{ role: "user", content: `Hello.\nsimulator: ${script}` }],
    ...extra,
  });
}

async function failure(promise: Promise<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof OpenAI.APIError) {
      return error;
    }
    throw error;
  }
  throw new Error("the request did not fail");
}

describe("the SDK's error classes", () => {
  it("BadRequestError names the field and the remedy", async () => {
    const error = await failure(ask("simulated/echo", "tokens=1", { temperature: 7 }));
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({
      status: 400,
      param: "temperature",
      type: "invalid_request_error",
    });
    expect(error.message).toMatch(/temperature/);
  });

  it("BadRequestError for a model that nobody knows", async () => {
    const error = await failure(ask("acme/nothing", "tokens=1"));
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error.message).toMatch(/acme\/nothing is not a valid model ID/);
  });

  it("AuthenticationError for a key that is not one", async () => {
    const error = await failure(
      openAi({ apiKey: "sk-nonsense" }).chat.completions.create({ model: "x", messages: [] }),
    );
    expect(error).toBeInstanceOf(OpenAI.AuthenticationError);
  });

  it("PermissionDeniedError for a management key on inference", async () => {
    const error = await failure(
      openAi({ apiKey: platform().managementKey }).chat.completions.create({
        model: "simulated/echo",
        messages: [{ role: "user", content: "Hello." }],
      }),
    );
    expect(error).toBeInstanceOf(OpenAI.PermissionDeniedError);
  });

  it("NotFoundError when every endpoint is filtered out, and says by what", async () => {
    const error = await failure(
      ask("simulated/echo", "tokens=1", { provider: { only: ["openai"] } }),
    );
    expect(error).toBeInstanceOf(OpenAI.NotFoundError);
    expect(error.message).toMatch(/provider/i);
  });

  it("RateLimitError with Retry-After when every provider says 429", async () => {
    const error = await failure(ask("simulated/limited", "fault=status:429 retry_after=3"));
    expect(error).toBeInstanceOf(OpenAI.RateLimitError);
    expect(Number(error.headers?.get("retry-after"))).toBeGreaterThanOrEqual(1);
  });

  it("UnprocessableEntityError when the provider says 422, with its words", async () => {
    const error = await failure(ask("simulated/gemini", 'fault=status:422 message="Too odd."'));
    expect(error).toBeInstanceOf(OpenAI.UnprocessableEntityError);
    expect(error.message).toContain("Too odd.");
  });

  it("BadRequestError, not ConflictError, when the provider says 409: nothing here can conflict", async () => {
    const error = await failure(ask("simulated/gemini", "fault=status:409"));
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
  });

  it.each([500, 502, 503, 529])("InternalServerError when the provider says %i", async (status) => {
    const error = await failure(ask("simulated/gemini", `fault=status:${status}`));
    expect(error).toBeInstanceOf(OpenAI.InternalServerError);
    expect(error.status).toBeGreaterThanOrEqual(502);
  });

  it.each([401, 402, 404])("never passes the provider's own %i on", async (status) => {
    const error = await failure(ask("simulated/claude", `fault=status:${status}`));
    expect(error).toBeInstanceOf(OpenAI.InternalServerError);
  });

  it("402 when the balance cannot pay for a useful answer", async () => {
    const poor = await createKey({ creditUsd: "0.000001" });
    const error = await failure(
      openAi({ apiKey: poor }).chat.completions.create({
        model: "simulated/echo",
        messages: [{ role: "user", content: "word ".repeat(2_000) }],
      }),
    );
    expect(error.status).toBe(402);
    expect(error.message).toMatch(/credits/i);
  });
});

describe("a failure after content", () => {
  it.each(["error_after:5", "malformed:5", "cut:2000"])(
    "%s ends the stream with an error chunk and costs nothing",
    async (fault) => {
      const response = await fetch(`${platform().baseUrl}/api/v1/chat/completions`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${platform().apiKey}`,
          "content-type": "application/json",
        },
        body: JSON.stringify({
          model: "simulated/slow",
          stream: true,
          messages: [
            { role: "user", content: `Talk.\nsimulator: tokens=50 ttft=0 rate=100 fault=${fault}` },
          ],
        }),
      });
      expect(response.status).toBe(200);
      const text = await response.text();
      const events = text
        .split("\n\n")
        .filter((event) => event.startsWith("data: {"))
        .map((event) => JSON.parse(event.slice(6)));
      const last = events.at(-1);
      expect(last.error.code).toBeGreaterThanOrEqual(500);
      expect(last.choices[0].finish_reason).toBe("error");
      const id = response.headers.get("x-generation-id");
      await expect
        .poll(
          async () => (await client.get(`/generation?id=${id}`).catch(() => undefined)) as unknown,
          { timeout: 10_000 },
        )
        .toMatchObject({ data: { total_cost: 0, finish_reason: "error" } });
    },
  );
});
