import { mintApiKey } from "@fairlead/kit";
import { NoCandidate } from "@fairlead/proto/router/v1/router";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { candidate } from "../test-platform/answers.test-helper.ts";
import { startPlatform, type TestPlatform } from "../test-platform/start-platform.test-helper.ts";

const body = { model: "acme/one", messages: [{ role: "user", content: "hi" }] };
let platform: TestPlatform;

beforeEach(async () => {
  platform = await startPlatform();
});
afterEach(() => platform.close());

interface ErrorAnswer {
  readonly error: {
    readonly code: number;
    readonly message: string;
    readonly param: string | null;
    readonly metadata: Record<string, unknown>;
  };
}

async function readError(response: Response): Promise<ErrorAnswer["error"]> {
  return ((await response.json()) as ErrorAnswer).error;
}

describe("credit", () => {
  it("refuses a named max_tokens that cannot be paid, and says what can", async () => {
    // 29 prompt tokens at 1,000 nano each, and 2,000 nano for each of 100 completion tokens.
    platform.state.creditNano = 229_000n;
    const response = await platform.post({ ...body, max_tokens: 1_000 });
    const error = await readError(response);
    expect(response.status).toBe(402);
    expect(error.message).toMatch(
      /^This request requires more credits, or fewer max_tokens\. You requested up to 1000 tokens, but can only afford (9\d|100)\./,
    );
    expect(error.metadata).toMatchObject({ error_type: "payment_required", provider_name: null });
    expect(platform.state.generated).toHaveLength(0);
  });

  it("serves a request without max_tokens for what the balance affords", async () => {
    platform.state.creditNano = 800_000n;
    const response = await platform.post(body);
    expect(response.status).toBe(200);
    await response.text();
    const limit = Number(platform.state.generated[0]?.maxTokens);
    expect(limit).toBeGreaterThanOrEqual(256);
    expect(limit).toBeLessThan(400);
  });

  it("refuses what does not even pay a useful answer", async () => {
    platform.state.creditNano = 300_000n;
    expect((await platform.post(body)).status).toBe(402);
  });

  it("holds one by one where the ledger is strict", async () => {
    platform.state.isStrict = true;
    const response = await platform.post(body);
    expect(response.status).toBe(200);
    await response.text();
    expect(await platform.bill()).toMatchObject({ leaseSeq: 1n });
  });

  it("asks for nothing where nothing can cost", async () => {
    platform.state.creditNano = 0n;
    platform.state.plan = () => ({ candidates: [candidate("one", { price: {} })] });
    const response = await platform.post(body);
    expect(response.status).toBe(200);
    await response.text();
    expect(await platform.bill()).toMatchObject({ leaseId: "", costNano: 0n });
  });
});

describe("the rate limit", () => {
  it("answers 429 with its headers, and has none on success", async () => {
    const text = mintApiKey("inference");
    platform.addKey(text, { keyId: "limited", accountId: "account-1", requestsPerMinute: 2 });
    const headers = { authorization: `Bearer ${text}` };
    for (let count = 0; count < 2; count += 1) {
      const response = await platform.post(body, headers);
      expect(response.status).toBe(200);
      expect(response.headers.has("x-ratelimit-limit")).toBe(false);
      await response.text();
    }
    const response = await platform.post(body, headers);
    expect(response.status).toBe(429);
    expect(response.headers.get("x-ratelimit-limit")).toBe("2");
    expect(response.headers.get("x-ratelimit-remaining")).toBe("0");
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    await response.text();
  });
});

describe("the plan", () => {
  const reasons: [NoCandidate, number][] = [
    [NoCandidate.MODEL_UNKNOWN, 400],
    [NoCandidate.CONTEXT_LENGTH, 400],
    [NoCandidate.CONSTRAINTS, 404],
    [NoCandidate.NO_PROVIDER, 404],
  ];

  it.each(reasons)(
    "without a candidate (%i) is %i with the router's words",
    async (reason, status) => {
      platform.state.plan = () => ({
        noCandidate: reason,
        message: "acme/x is not a valid model ID",
      });
      const response = await platform.post(body);
      expect(response.status).toBe(status);
      expect(await readError(response)).toMatchObject({
        message: "acme/x is not a valid model ID",
        param: "model",
      });
    },
  );

  it("tells the router what the request wants, never what it says", async () => {
    let seen: unknown;
    platform.state.plan = (request) => {
      seen = request;
      return { candidates: [candidate("one")] };
    };
    const response = await platform.post({
      ...body,
      models: ["acme/two", "acme/one"],
      provider: {
        order: ["one"],
        allow_fallbacks: false,
        sort: { by: "price", partition: "none" },
        max_price: { prompt: "2.5", completion: 10 },
        preferred_max_latency: 3,
      },
      session_id: "s",
    });
    await response.text();
    expect(seen).toMatchObject({
      models: ["acme/one", "acme/two"],
      provider: {
        order: ["one"],
        allowFallbacks: false,
        sort: "price",
        sortAcrossModels: true,
        maxPrice: { promptPico: 2_500_000n, completionPico: 10_000_000n },
        preferredMaxLatencySeconds: { p50: 3 },
      },
      accountId: "account-1",
    });
  });

  it("of before serves while no router answers, for the same kind of request only", async () => {
    await platform.close();
    platform = await startPlatform({ planPatienceMs: 100 });
    await (await platform.post(body)).text();
    platform.gateway.routers.close();
    const response = await platform.post(body);
    expect(response.status).toBe(200);
    await response.text();
    expect(platform.gateway.planner.fallbacks).toBe(1);
    const other = await platform.post({ ...body, provider: { only: ["two"] } });
    expect(other.status).toBe(503);
    await other.text();
  });

  it("is not waited for when the client is gone", async () => {
    await platform.close();
    // Longer than the test: only the client's leaving can end the wait.
    platform = await startPlatform({ planPatienceMs: 600_000 });
    platform.gateway.routers.update([]);
    const { planner, leases } = platform.gateway;
    const client = new AbortController();
    const pending = platform.post(body, {}, client.signal);
    await expect.poll(() => planner.waiting).toBe(1);
    client.abort();
    await expect(pending).rejects.toThrow();
    await expect.poll(() => planner.waiting).toBe(0);
    expect(leases.totals().holds).toBe(0);
    expect(platform.state.generated).toHaveLength(0);
  });
});
