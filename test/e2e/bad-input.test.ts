import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { createKey, platform } from "../support/clients.ts";

const path = "/api/v1/chat/completions";
const hello = {
  model: "simulated/echo",
  messages: [{ role: "user", content: "Hello.\nsimulator: tokens=1" }],
};

interface Answer {
  readonly status: number;
  readonly body: { error?: { code: number; message: string; type: string; param: string | null } };
}

async function send(
  body: string | Uint8Array,
  options: RequestInit & { key?: string } = {},
): Promise<Answer> {
  const { key = platform().apiKey, headers, ...rest } = options;
  const response = await fetch(platform().baseUrl + path, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
    ...(rest.method === "GET" ? {} : { body }),
    ...rest,
  });
  return { status: response.status, body: (await response.json()) as Answer["body"] };
}

function withField(field: object): string {
  return JSON.stringify({ ...hello, ...field });
}

const rejected: [name: string, body: string | Uint8Array<ArrayBuffer>, param: RegExp | null][] = [
  ["what is not JSON", "{not json", null],
  ["an empty body", "", null],
  ["an array", "[]", null],
  ["null", "null", null],
  ["invalid UTF-8", new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), null],
  ["absent messages", JSON.stringify({ model: "simulated/echo" }), /^messages$/],
  ["empty messages", withField({ messages: [] }), /^messages$/],
  ["messages of a wrong type", withField({ messages: "Hello" }), /^messages$/],
  [
    "an unknown role",
    withField({ messages: [{ role: "wizard", content: "x" }] }),
    /messages\[0\]\.role/,
  ],
  ["a model of a wrong type", withField({ model: 7 }), /^model$/],
  ["negative max_tokens", withField({ max_tokens: -1 }), /max_tokens/],
  [
    "max_tokens of 1e309",
    JSON.stringify(hello).replace(/}$/, ',"max_tokens":1e309}'),
    /max_tokens/,
  ],
  ["NaN", JSON.stringify(hello).replace(/}$/, ',"temperature":NaN}'), null],
  ["n of 1e9", withField({ n: 1e9 }), /^n$/],
  [
    "10,001 messages",
    withField({ messages: Array(10_001).fill({ role: "user", content: "x" }) }),
    /^messages$/,
  ],
  [
    "depth 1,000",
    `{"model":"simulated/echo","messages":${"[".repeat(1000)}${"]".repeat(1000)}}`,
    null,
  ],
];

describe("bad input gets a 400 that names the field", () => {
  it.each(rejected)("%s", async (_name, body, param) => {
    const answer = await send(body);
    expect(answer.status).toBe(400);
    expect(answer.body.error).toMatchObject({ code: 400, type: "invalid_request_error" });
    expect(answer.body.error?.message).toMatch(/\S.{10,}/);
    expect(answer.body.error?.message).not.toMatch(/at .*\.ts:|node:internal/);
    if (param !== null) {
      expect(answer.body.error?.param).toMatch(param);
    }
  });
});

describe("odd input that is not wrong", () => {
  it.each<[string, string]>([
    ["__proto__", JSON.stringify(hello).replace(/}$/, ',"__proto__":{"isAdmin":true}}')],
    ["duplicate keys, the last wins", JSON.stringify(hello).replace("{", '{"model":"acme/none",')],
    ["a lone surrogate", JSON.stringify(hello).replace("Hello", "\\ud800 Hello")],
    [
      "10,000 messages",
      withField({
        messages: [...Array(9_999).fill({ role: "user", content: "x" }), hello.messages[0]],
      }),
    ],
  ])("%s", async (_name, body) => {
    const answer = await send(body);
    expect(answer.body.error).toBeUndefined();
    expect(answer.status).toBe(200);
  });
});

describe("a field that Fairlead does not know", () => {
  it("reaches the provider, who decides", async () => {
    const answer = await send(withField({ frobnicate: { a: 1 } }));
    expect(answer.status).toBe(400);
    expect(answer.body.error?.message).toMatch(/frobnicate/);
  });
});

describe("the request around the body", () => {
  it("413 for 20 MB", async () => {
    const answer = await send(
      withField({ messages: [{ role: "user", content: "x".repeat(20_000_000) }] }),
    );
    expect(answer.status).toBe(413);
    expect(answer.body.error?.message).toMatch(/10/);
  });

  it("405 names the method that is allowed", async () => {
    const response = await fetch(platform().baseUrl + path, { method: "PUT" });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toMatch(/POST/);
  });

  it("415 for another content type", async () => {
    const answer = await send(JSON.stringify(hello), { headers: { "content-type": "text/plain" } });
    expect(answer.status).toBe(415);
  });

  it("404 for another path", async () => {
    const response = await fetch(`${platform().baseUrl}/api/v1/nothing`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: 404 } });
  });

  it.each([
    ["missing", ""],
    ["malformed", "Bearer sk-fl-v1-123"],
    ["unknown", `Bearer sk-fl-v1-${"0".repeat(64)}00000000`],
    ["of another scheme", "Basic dXNlcjpwYXNz"],
    ["with SQL in it", "Bearer ' OR 1=1 --"],
  ])("401 for a key that is %s", async (_name, authorization) => {
    const response = await fetch(platform().baseUrl + path, {
      method: "POST",
      headers: { "content-type": "application/json", ...(authorization && { authorization }) },
      body: JSON.stringify(hello),
    });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({
      error: { code: 401, type: "authentication_error" },
    });
  });

  it.each([
    ["disabled", { isDisabled: true }, /disabled/i],
    ["expired", { expiresAtMs: 1_000 }, /expired/i],
  ])("401 for a key that is %s, and says so", async (_name, options, message) => {
    const key = await createKey({ creditUsd: "1", ...options });
    const answer = await send(JSON.stringify(hello), { key });
    expect(answer.status).toBe(401);
    expect(answer.body.error?.message).toMatch(message);
  });

  it("an unfinished body ends with its connection and harms nobody", async () => {
    const { hostname, port } = new URL(platform().baseUrl);
    const socket = connect(Number(port), hostname);
    socket.write(
      `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${platform().apiKey}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"model":`,
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    socket.destroy();
    const answer = await send(JSON.stringify(hello));
    expect(answer.status).toBe(200);
  });
});

describe("bad input costs nothing", () => {
  it("leaves the key's usage where it was", async () => {
    const key = await createKey({ creditUsd: "1" });
    for (const [, body] of rejected) {
      await send(body, { key });
    }
    const response = await fetch(`${platform().baseUrl}/api/v1/key`, {
      headers: { authorization: `Bearer ${key}` },
    });
    expect(await response.json()).toMatchObject({ data: { usage: 0 } });
  });
});
