import { mintApiKey } from "@fairlead/kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startPlatform, type TestPlatform } from "../test-platform/start-platform.test-helper.ts";

let platform: TestPlatform;
const manager = mintApiKey("management");

beforeAll(async () => {
  platform = await startPlatform();
  platform.addKey(manager, { keyId: "manager", accountId: "account-1", isManagement: true });
});
afterAll(() => platform.close());

async function get(path: string, key?: string): Promise<{ status: number; body: unknown }> {
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const response = await fetch(platform.url + path, { headers });
  expect(response.headers.get("content-type")).toMatch(/^application\/json/);
  expect(response.headers.has("etag")).toBe(false);
  expect(response.headers.has("x-powered-by")).toBe(false);
  return { status: response.status, body: await response.json() };
}

describe("the catalog", () => {
  it("lists models with prices as decimal strings, under either prefix and without a key", async () => {
    const { body } = await get("/api/v1/models");
    expect(body).toMatchObject({
      data: [
        { id: "acme/one", pricing: { prompt: "0.000001", completion: "0.000002" } },
        { id: "acme/two" },
      ],
      total_count: 2,
      links: { next: null },
    });
    expect((await get("/v1/models")).body).toEqual(body);
  });

  it("filters and pages", async () => {
    expect((await get("/v1/models?supported_parameters=tools")).body).toMatchObject({
      data: [{ id: "acme/one" }],
      total_count: 1,
    });
    expect((await get("/v1/models?limit=1&offset=0")).body).toMatchObject({
      data: [{ id: "acme/one" }],
      links: { next: "/api/v1/models?limit=1&offset=1" },
    });
    expect((await get("/v1/models?output_modalities=image")).body).toMatchObject({ data: [] });
    expect(await get("/v1/models?limit=x")).toMatchObject({
      status: 400,
      body: { error: { param: "limit" } },
    });
  });

  it("shows an endpoint's percentiles only to who has a key", async () => {
    const path = "/api/v1/models/acme/one/endpoints";
    expect((await get(path)).body).toMatchObject({
      data: { id: "acme/one", endpoints: [{ tag: "one", status: 0, latency_last_30m: null }] },
    });
    expect((await get(path, platform.key)).body).toMatchObject({
      data: { endpoints: [{ latency_last_30m: { p50: 12 }, uptime_last_5m: 100 }] },
    });
    expect((await get("/api/v1/models/acme/none/endpoints")).status).toBe(404);
  });

  it("lists providers", async () => {
    expect((await get("/v1/providers")).body).toMatchObject({
      data: [{ slug: "one", name: "ONE", privacy_policy_url: null }],
    });
  });

  it("is served while the routers are away", async () => {
    const own = await startPlatform();
    const path = `${own.url}/v1/models/acme/one/endpoints`;
    await (await fetch(path)).text();
    own.gateway.routers.close();
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const response = await fetch(path);
    expect(response.status).toBe(200);
    await response.text();
    await own.close();
  });
});

describe("the account", () => {
  it("shows a key to itself, under both names", async () => {
    for (const path of ["/api/v1/key", "/api/v1/auth/key"]) {
      expect((await get(path, platform.key)).body).toMatchObject({
        data: { label: "sk-fl-v1-abc...123", usage: 1.5, limit: null, is_management_key: false },
      });
    }
    expect((await get("/api/v1/key")).status).toBe(401);
  });

  it("shows credits to a manager only", async () => {
    expect((await get("/api/v1/credits", platform.key)).status).toBe(403);
    expect((await get("/api/v1/credits", manager)).body).toEqual({
      data: { total_credits: 5, total_usage: 1e-9 },
    });
  });

  it("shows a generation by the id that its answer had", async () => {
    const messages = [{ role: "user", content: "hi" }];
    await (await platform.post({ model: "acme/one", messages })).text();
    const { generationId } = await platform.bill();
    const { body } = await get(`/api/v1/generation?id=${generationId}`, platform.key);
    expect(body).toMatchObject({
      data: {
        id: generationId,
        provider_name: "ONE",
        tokens_prompt: 10,
        total_cost: 0.00002,
        streamed: false,
      },
    });
    expect((await get("/api/v1/generation?id=gen-1", platform.key)).status).toBe(404);
    expect((await get("/api/v1/generation", platform.key)).status).toBe(400);
  });
});
