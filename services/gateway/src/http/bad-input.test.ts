import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { mintApiKey } from "@fairlead/kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  startPlatform,
  type TestPlatform,
  until,
} from "../test-platform/start-platform.test-helper.ts";

const messages = [{ role: "user", content: "hi" }];
const good = { model: "acme/one", messages };
let platform: TestPlatform;

beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.close());

interface Refusal {
  readonly status: number;
  readonly message: string;
  readonly param: string | null;
}

async function refusal(response: Response): Promise<Refusal> {
  const text = await response.text();
  expect(text).not.toMatch(/at .*\.ts|node_modules|SyntaxError|stack/);
  const { error } = JSON.parse(text) as { error: Refusal & { code: number; type: string } };
  expect(error.code).toBe(response.status);
  expect(error.type).toEqual(expect.any(String));
  return { status: response.status, message: error.message, param: error.param };
}

function nest(depth: number): string {
  return `{"model":"acme/one","messages":[{"role":"user","content":"hi"}],"x":${"[".repeat(depth)}${"]".repeat(depth)}}`;
}

const bodies: [string, unknown, RegExp, string | null][] = [
  ["not JSON", "{nope", /not valid JSON/, null],
  ["an empty body", "", /empty/, null],
  ["an array", "[]", /object/, null],
  ["no messages", { model: "acme/one" }, /messages/, "messages"],
  ["empty messages", { ...good, messages: [] }, /messages/, "messages"],
  ["messages of the wrong type", { ...good, messages: "hi" }, /messages/, "messages"],
  [
    "a role that is none",
    { ...good, messages: [{ role: "boss", content: "x" }] },
    /role/,
    "messages[0].role",
  ],
  ["a wrong temperature", { ...good, temperature: "hot" }, /temperature/, "temperature"],
  [
    "1e309",
    `{"model":"acme/one","messages":[{"role":"user","content":"hi"}],"temperature":1e309}`,
    /temperature/,
    "temperature",
  ],
  [
    "NaN",
    `{"model":"acme/one","messages":[{"role":"user","content":"hi"}],"temperature":NaN}`,
    /JSON/,
    null,
  ],
  ["negative max_tokens", { ...good, max_tokens: -1 }, /max_tokens/, "max_tokens"],
  ["huge max_tokens", { ...good, max_tokens: 1e300 }, /max_tokens/, "max_tokens"],
  ["n of 1e9", { ...good, n: 1e9 }, /\bn\b/, "n"],
  ["no model", { messages }, /model/, "model"],
  ["depth 1,000", nest(1_000), /deep/, null],
  ["depth 1,000,000", nest(1_000_000), /deep|JSON/, null],
  [
    "a price that is none",
    { ...good, provider: { max_price: { prompt: "cheap" } } },
    /max_price/,
    "provider.max_price.prompt",
  ],
];

describe("a bad body", () => {
  it.each(bodies)(
    "with %s gets 400 that names the fault, and no bill",
    async (_name, body, message, param) => {
      const events = platform.state.generated.length;
      const result = await refusal(await platform.post(body));
      expect(result.status).toBe(400);
      expect(result.message).toMatch(message);
      if (param !== null) {
        expect(result.param).toBe(param);
      }
      expect(platform.state.generated).toHaveLength(events);
    },
  );

  it("of 20 MB gets 413 that names the limit", async () => {
    const result = await refusal(await platform.post("x".repeat(20_000_000)));
    expect(result).toMatchObject({ status: 413, message: expect.stringContaining("10 MiB") });
  });

  it("of 20 MB without a length gets 413 too", async () => {
    const chunk = Buffer.alloc(1_000_000, "x");
    const status = await new Promise((resolve, reject) => {
      const request = httpRequest(
        `${platform.url}/v1/chat/completions`,
        {
          method: "POST",
          headers: { authorization: `Bearer ${platform.key}`, "transfer-encoding": "chunked" },
        },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      );
      request.on("error", reject);
      for (let count = 0; count < 20; count += 1) {
        request.write(chunk);
      }
      request.end();
    });
    expect(status).toBe(413);
  });
});

describe("strange but harmless bodies", () => {
  const fine: [string, unknown][] = [
    ["10,000 messages", { ...good, messages: Array(10_000).fill(messages[0]) }],
    [
      "__proto__",
      `{"__proto__":{"polluted":1},"model":"acme/one","messages":[{"role":"user","content":"hi","__proto__":{"x":1}}]}`,
    ],
    [
      "lone surrogates",
      `{"model":"acme/one","messages":[{"role":"user","content":"\\ud800 x \\udc00"}]}`,
    ],
    [
      "duplicate keys",
      `{"model":"none/none","model":"acme/one","messages":[{"role":"user","content":"hi"}]}`,
    ],
    ["unknown fields", { ...good, safe_prompt: true, foo: { bar: [1] } }],
    [
      "compatibility fields",
      { ...good, usage: { include: true }, stream_options: { include_usage: true } },
    ],
  ];

  it.each(fine)("with %s are served", async (_name, body) => {
    const response = await platform.post(body);
    expect(response.status).toBe(200);
    await response.text();
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});

describe("a bad key", () => {
  const ask = (authorization?: string) =>
    fetch(`${platform.url}/api/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(authorization && { authorization }) },
      body: JSON.stringify(good),
    });
  const unknown = mintApiKey("inference");
  const cases: [string, () => string | undefined, RegExp][] = [
    ["missing", () => undefined, /No API key/],
    ["not a bearer", () => "Basic abc", /Bearer/],
    ["malformed", () => "Bearer sk-fl-v1-123", /malformed/],
    ["mistyped", () => `Bearer ${unknown.slice(0, -1)}x`, /malformed/],
    ["unknown", () => `Bearer ${unknown}`, /No such API key/],
    ["disabled", () => addKey({ isDisabled: true }), /disabled/],
    ["expired", () => addKey({ expiresAtMs: 1n }), /expired/],
  ];
  const addKey = (facts: Parameters<TestPlatform["addKey"]>[1]) => {
    const text = mintApiKey("inference");
    platform.addKey(text, { keyId: text.slice(-6), accountId: "account-1", ...facts });
    return `Bearer ${text}`;
  };

  it.each(cases)("that is %s gets 401", async (_name, authorization, message) => {
    const response = await ask(authorization());
    expect(response.headers.get("x-generation-id")).toMatch(/^gen-/);
    const result = await refusal(response);
    expect(result).toMatchObject({ status: 401, message: expect.stringMatching(message) });
  });

  it("of a manager gets 403 on inference", async () => {
    const text = mintApiKey("management");
    platform.addKey(text, { keyId: "manager", accountId: "account-1", isManagement: true });
    expect((await refusal(await ask(`Bearer ${text}`))).status).toBe(403);
  });
});

describe("a bad request", () => {
  it("of the wrong method gets 405 and the right one", async () => {
    for (const path of ["/api/v1/chat/completions", "/v1/chat/completions?x=1"]) {
      const response = await fetch(platform.url + path);
      expect(response.headers.get("allow")).toBe("POST");
      expect((await refusal(response)).status).toBe(405);
    }
    const response = await fetch(`${platform.url}/api/v1/models`, { method: "DELETE" });
    expect(response.headers.get("allow")).toBe("GET, HEAD");
    expect((await refusal(response)).status).toBe(405);
  });

  it("of the wrong content type gets 415", async () => {
    for (const headers of [{ "content-type": "text/plain" }, { "content-encoding": "gzip" }]) {
      const response = await platform.post(good, headers);
      expect((await refusal(response)).status).toBe(415);
    }
    const response = await platform.post(good, {
      "content-type": "application/json; charset=utf-8",
    });
    expect(response.status).toBe(200);
    await response.text();
  });

  it("to an unknown path gets a JSON 404", async () => {
    expect((await refusal(await fetch(`${platform.url}/api/v2/nothing`))).status).toBe(404);
    expect((await refusal(await fetch(`${platform.url}/api/v1/%E0%A4%A`))).status).toBe(404);
    expect(
      (await refusal(await fetch(`${platform.url}/api/v1/models/%E0%A4%A/x/endpoints`))).status,
    ).toBe(400);
  });

  it("that is never finished is closed with 408", async () => {
    const limits = { requestTimeoutMs: 400, headersTimeoutMs: 300, checkIntervalMs: 50 };
    const own = await startPlatform({}, limits);
    const head = `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${own.key}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"mod`;
    expect(await speak(head, own)).toMatch(/^HTTP\/1\.1 408 [\s\S]*"error"/);
    expect(await speak("POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nx-a", own)).toMatch(
      /^HTTP\/1\.1 408/,
    );
    await own.close();
  });

  it("that is no HTTP gets 400, too many headers 431, both lengths 400", async () => {
    expect(await speak("GARBAGE\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 [\s\S]*"error"/);
    const large = `GET / HTTP/1.1\r\nhost: x\r\nx-a: ${"a".repeat(20_000)}\r\n\r\n`;
    expect(await speak(large)).toMatch(/^HTTP\/1\.1 431/);
    const both =
      "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n";
    expect(await speak(both)).toMatch(/^HTTP\/1\.1 400/);
  });
});

describe("what is no HTTP, on a connection that was used", () => {
  it("gets 400 after an answer", async () => {
    const first = "GET /v1/models HTTP/1.1\r\nhost: x\r\n\r\n";
    const heard = await speak(first, platform, "GARBAGE\r\n\r\n");
    expect(heard).toMatch(/^HTTP\/1\.1 200 [\s\S]*HTTP\/1\.1 400 [\s\S]*"error"/);
  });

  it.each([
    ["", "alone"],
    ["GET /v1/models HTTP/1.1\r\nhost: x\r\n\r\n", "after a request that waits for its turn"],
  ])("ends an answer that is half sent, and says nothing into it: %j, %s", async (waiting) => {
    const body = JSON.stringify({ ...good, stream: true });
    const head =
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${platform.key}\r\n` +
      `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
    platform.state.generate = (_request, call) => {
      call.send({ event: { case: "start", value: {} } });
      call.send(Buffer.from('data: {"choices":[{"delta":{"content":"he"}}]}\n\n'));
    };
    platform.state.aborted.length = 0;
    const heard = await speak(head + body, platform, `${waiting}GARBAGE\r\n\r\n`);
    expect(heard).toContain('{"content":"he"}');
    expect(heard).not.toContain("HTTP/1.1 400");
    await until(() => platform.state.aborted.length > 0);
  });
});

/** Everything that the server says until it closes; `next` goes out once it has said something. */
function speak(text: string, to = platform, next = ""): Promise<string> {
  return new Promise((resolve, reject) => {
    const url = new URL(to.url);
    const socket = connect(Number(url.port), url.hostname, () => socket.write(text));
    let heard = "";
    socket.on("data", (chunk) => {
      if (heard === "") {
        socket.write(next);
      }
      heard += chunk.toString();
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(heard));
  });
}
