import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { RequestRecord } from "./record/request-record.ts";
import { createSimulator, type Simulator } from "./simulator.ts";

const folder = mkdtempSync(join(tmpdir(), "fairlead-simulator-"));
let simulator: Simulator;

beforeAll(async () => {
  const message = { type: "message_start", message: { usage: { input_tokens: 7 } } };
  const end = { type: "message_delta", usage: { input_tokens: 7, output_tokens: 3 } };
  const chunks = `${JSON.stringify(message)}\n${JSON.stringify(end)}\n`;
  writeFileSync(join(folder, "greeting.chunks.txt"), chunks);
  writeFileSync(join(folder, "limit.json"), JSON.stringify({ error: { code: 429 } }));
  simulator = createSimulator({ fixturesDir: folder });
  await simulator.listen();
});
afterAll(async () => {
  await simulator.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => simulator.reset());

const headers = {
  authorization: "Bearer key-1234",
  "x-api-key": "key-1234",
  "x-goog-api-key": "key-1234",
  "anthropic-version": "2023-06-01",
};
const messages = [{ role: "user", content: "12345678" }];

/** What these tests read of the answers, whichever dialect they are in. */
interface ReadAnswer {
  readonly usage?: Readonly<Record<string, number>>;
  readonly usageMetadata?: Readonly<Record<string, number>>;
  readonly type?: string;
  readonly error: { readonly message: string };
  readonly choices: readonly { readonly message: { readonly content: string } }[];
}

const readJson = async <T = ReadAnswer>(response: Response): Promise<T> =>
  (await response.json()) as T;

function post(path: string, body: unknown, extra: Readonly<Record<string, string>> = {}) {
  return fetch(simulator.url + path, {
    method: "POST",
    headers: { ...headers, ...extra },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

describe("dialects on the wire", () => {
  const cases = [
    ["openai", "/openai/v1/chat/completions", { model: "sim", messages }],
    ["anthropic", "/anthropic/v1/messages", { model: "sim", max_tokens: 99, messages }],
    [
      "gemini",
      "/gemini/v1beta/models/sim:generateContent",
      { contents: [{ parts: [{ text: "12345678" }] }] },
    ],
  ] as const;

  it.each(cases)("%s declares the usage that was counted", async (dialect, path, body) => {
    const answer = await readJson(await post(path, body));
    const usage = answer.usage ?? answer.usageMetadata ?? {};
    // 8 characters are 2 tokens; sim writes 16 units.
    const prompt = usage.prompt_tokens ?? usage.input_tokens ?? usage.promptTokenCount;
    const completion = usage.completion_tokens ?? usage.output_tokens ?? usage.candidatesTokenCount;
    expect([prompt, completion]).toEqual([2, 16]);
    expect(simulator.counts.outcomes.completed).toEqual({
      requests: 1,
      promptTokens: 2,
      completionTokens: 16,
    });
    expect(simulator.requests()[0]).toMatchObject({ dialect, status: 200, isComplete: true });
  });

  it.each(cases)(
    "%s refuses a missing key and a broken body in its own shape",
    async (dialect, path) => {
      const [noKey, broken] = await Promise.all([
        fetch(simulator.url + path, { method: "POST", body: "{}" }),
        post(path, "{"),
      ]);
      expect([noKey.status, broken.status]).toEqual([401, 400]);
      const { error, type } = await readJson(noKey);
      expect(error.message).toMatch(/API key/);
      expect(type).toBe(dialect === "anthropic" ? "error" : undefined);
      expect(simulator.counts.outcomes.refused.requests).toBe(2);
    },
  );

  it("says that a model does not exist, and what is wrong with a script", async () => {
    const path = "/openai/v1/chat/completions";
    expect((await post(path, { model: "gpt-4o", messages })).status).toBe(404);
    const wrong = await post(path, { model: "sim?tokns=3", messages });
    expect(wrong.status).toBe(400);
    expect(await wrong.text()).toContain('unknown key \\"tokns\\"');
  });

  it("lists models for each dialect", async () => {
    const paths = ["/openai/v1/models", "/anthropic/v1/models", "/gemini/v1beta/models"];
    for (const path of paths) {
      expect(await (await fetch(simulator.url + path, { headers })).text()).toContain("sim-fast");
    }
  });
});

describe("scripts", () => {
  const path = "/openai/v1/chat/completions";

  it("come by header, by message and by the control API", async () => {
    const content = async (response: Response) =>
      (await readJson(response)).choices[0]?.message.content;
    const byHeader = await post(path, { model: "sim", messages }, { "x-simulator": "text=header" });
    expect(await content(byHeader)).toBe("header");
    const directed = [{ role: "user", content: "hello\nsimulator: text=message" }];
    expect(await content(await post(path, { model: "sim", messages: directed }))).toBe("message");
    await post("/control/scripts", { model: "gpt-9", script: "text=control", requests: 1 });
    expect(await content(await post(path, { model: "gpt-9", messages }))).toBe("control");
  });

  it("are refused when they are wrong", async () => {
    const wrong = { model: "m", script: "tokens=x" };
    expect((await post("/control/scripts", wrong)).status).toBe(400);
    expect((await post("/control/scripts", { script: "tokens=1" })).status).toBe(400);
  });

  it("limit requests in a window", async () => {
    const body = { model: "sim-limit?limit=2/60000", messages };
    const statuses = [];
    for (let index = 0; index < 3; index += 1) {
      const response = await post(path, body);
      statuses.push([response.status, response.headers.get("retry-after")]);
    }
    expect(statuses).toEqual([
      [200, null],
      [200, null],
      [429, "60"],
    ]);
  });
});

describe("records", () => {
  it("tell a request by the caller's id, and keep what it sent", async () => {
    const body = { model: "sim-fast", messages };
    await post("/openai/v1/chat/completions", body, { "x-request-id": "abc", traceparent: "00-1" });
    const response = await fetch(`${simulator.url}/control/requests`);
    const [record] = await readJson<RequestRecord[]>(response);
    expect(record).toMatchObject({
      id: "abc",
      model: "sim-fast",
      promptTokens: 2,
      completionTokensWritten: 80,
      headers: { traceparent: "00-1", keyTail: "1234" },
    });
    const kept = await fetch(`${simulator.url}/control/requests/${record?.sequence}/body`);
    expect(await kept.json()).toEqual(body);
    const later = await fetch(`${simulator.url}/control/requests?since=${record?.sequence}`);
    expect(await later.json()).toEqual([]);
  });

  it("count a client that leaves by what it could have read", async () => {
    const abort = new AbortController();
    const startedMs = performance.now();
    const response = await fetch(`${simulator.url}/openai/v1/chat/completions`, {
      method: "POST",
      headers,
      body: JSON.stringify({ model: "sim?tokens=50000&rate=100", messages, stream: true }),
      signal: abort.signal,
    });
    await response.body?.getReader().read();
    abort.abort();
    await expect.poll(() => simulator.counts.outcomes.cut_by_client.requests).toBe(1);
    const goneWithinMs = performance.now() - startedMs;
    const [record] = simulator.requests();
    expect(record).toMatchObject({ isClientGone: true, isComplete: false });
    // The first at once, and one each 10 ms for as long as it may have been there.
    expect(record?.completionTokensWritten).toBeLessThanOrEqual(goneWithinMs / 10 + 1);
    expect(simulator.counts.inFlight).toBe(0);
  });
});

describe("replay", () => {
  it("frames recorded events as their dialect does", async () => {
    const body = { model: "replay/greeting", max_tokens: 9, messages, stream: true };
    const text = await (await post("/anthropic/v1/messages", body)).text();
    expect(text).toMatch(/^event: message_start\ndata: \{.*\}\n\nevent: message_delta\n/);
    expect(simulator.counts.total).toEqual({ requests: 1, promptTokens: 7, completionTokens: 3 });
  });

  it("answers a recorded error with its status, and knows only its own files", async () => {
    const path = "/openai/v1/chat/completions";
    expect((await post(path, { model: "replay/limit", messages })).status).toBe(429);
    expect((await post(path, { model: "replay/../limit", messages })).status).toBe(404);
    expect((await post(path, { model: "replay/greeting", messages })).status).toBe(404);
  });
});

describe("a simulator that drains", () => {
  it("serves on for a while, each answer the last on its connection, and finishes what is open", async () => {
    const own = createSimulator();
    await own.listen();
    const ask = (script: string) =>
      fetch(`${own.url}/openai/v1/chat/completions`, {
        method: "POST",
        headers,
        body: JSON.stringify({
          model: "sim",
          stream: true,
          messages: [{ role: "user", content: `simulator: ${script}` }],
        }),
      });
    // Long after a slow machine has asked again.
    const open = await ask("tokens=120 rate=20");
    let isOver = false;
    const drained = own.drain(2_500, 60_000).then(() => {
      isOver = true;
    });
    const late = await ask("tokens=1");
    expect(late.headers.get("connection")).toBe("close");
    expect(await late.text()).toContain("[DONE]");
    await expect
      .poll(() =>
        ask("tokens=1").then(
          () => "taken",
          () => "refused",
        ),
      )
      .toBe("refused");
    expect(isOver).toBe(false);
    expect(await open.text()).toContain("[DONE]");
    const endedAtMs = performance.now();
    await drained;
    // Not by the time that it may take at most.
    expect(performance.now() - endedAtMs).toBeLessThan(10_000);
  });

  it("cuts what lasts longer than it may", async () => {
    const own = createSimulator();
    await own.listen();
    const open = await fetch(`${own.url}/openai/v1/chat/completions`, {
      method: "POST",
      headers,
      body: JSON.stringify({
        model: "sim",
        stream: true,
        messages: [{ role: "user", content: "simulator: tokens=1000 rate=5" }],
      }),
    });
    await own.drain(0, 100);
    await expect(open.text()).rejects.toThrow();
  });
});
