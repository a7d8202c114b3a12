import { EventEmitter } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { beforeEach, expect, it, vi } from "vitest";
import { createHttpMetrics } from "./http-metrics.ts";

const recorded: string[][] = [];

vi.mock("@fairlead/kit", async (load) => ({
  ...(await load<object>()),
  createHistogram: () => ({
    record: (_seconds: number, ...labels: string[]) => recorded.push(labels),
  }),
}));

const watch = createHttpMetrics(["/chat/completions", "/models/:author/:slug/endpoints", "/key"]);

function exchange(method: string, url: string, status: number): void {
  const response = Object.assign(new EventEmitter(), {
    statusCode: status || 200,
    headersSent: status > 0,
  });
  watch({ method, url } as IncomingMessage, response as unknown as ServerResponse);
  response.emit("close");
}

beforeEach(() => {
  recorded.length = 0;
});

it.each([
  ["POST", "/v1/chat/completions", "/chat/completions"],
  ["POST", "/api/v1/chat/completions?x=1", "/chat/completions"],
  ["GET", "/api/v1/models/acme/model/endpoints", "/models/:author/:slug/endpoints"],
  ["GET", "/v1/models/a/b/c/endpoints", "_OTHER"],
  ["GET", "/v1/key/../../secret", "_OTHER"],
])("names %s %s by its route", (method, url, route) => {
  exchange(method, url, 200);
  expect(recorded).toEqual([[method, route, "200"]]);
});

it("counts unknown methods together, and who left before the answer under 499", () => {
  exchange("BREW", "/v1/key", 405);
  exchange("GET", "/v1/key", 0);
  expect(recorded).toEqual([
    ["_OTHER", "/key", "405"],
    ["GET", "/key", "499"],
  ]);
});
