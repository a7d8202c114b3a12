import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTraceReceiver, type TraceReceiver } from "./trace-receiver.ts";

let receiver: TraceReceiver;

beforeAll(async () => {
  receiver = await startTraceReceiver();
});

afterAll(() => receiver.close());

const request = {
  resourceSpans: [
    {
      resource: {
        attributes: [{ key: "service.name", value: { stringValue: "fairlead-gateway" } }],
      },
      scopeSpans: [
        {
          spans: [
            {
              traceId: "0af7651916cd43dd8448eb211c80319c",
              spanId: "b7ad6b7169203331",
              name: "chat",
              startTimeUnixNano: "1700000000000000000",
              endTimeUnixNano: "1700000000012345678",
              attributes: [
                { key: "gen_ai.response.id", value: { stringValue: "gen-1-abc" } },
                { key: "http.response.status_code", value: { intValue: 200 } },
              ],
              status: { code: 2 },
            },
          ],
        },
      ],
    },
  ],
};

function post(
  body: string | Buffer<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${receiver.url}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
}

describe("startTraceReceiver", () => {
  it("takes OTLP in JSON, packed or not, and answers it by trace and generation id", async () => {
    expect((await post(JSON.stringify(request))).status).toBe(200);
    const packed = gzipSync(JSON.stringify(request));
    expect((await post(packed, { "content-encoding": "gzip" })).status).toBe(200);
    for (const id of ["0af7651916cd43dd8448eb211c80319c", "gen-1-abc", "last"]) {
      const trace = await (await fetch(`${receiver.url}/traces/${id}`)).json();
      expect(trace).toMatchObject({
        spans: [
          { service: "gateway", name: "chat", isError: true, endMs: 1_700_000_000_012.345 },
          {},
        ],
      });
    }
    const [summary] = (await (await fetch(`${receiver.url}/traces`)).json()) as object[];
    expect(summary).toMatchObject({ generationId: "gen-1-abc", spans: 2, errors: 2 });
  });

  it.each([
    ["not JSON", "{", {}, 400],
    ["not OTLP", '{"resourceSpans":[{"scopeSpans":[{"spans":[{}]}]}]}', {}, 400],
    ["protobuf", "x", { "content-type": "application/x-protobuf" }, 415],
  ])("refuses %s", async (_name, body, headers, status) => {
    expect((await post(body, headers)).status).toBe(status);
  });

  it("says 404 for a trace it does not have", async () => {
    expect((await fetch(`${receiver.url}/traces/none`)).status).toBe(404);
  });
});
