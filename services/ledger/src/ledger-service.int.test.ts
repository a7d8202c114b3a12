import { create } from "@bufbuild/protobuf";
import { hmacApiKey, parseApiKey } from "@fairlead/kit";
import { Denial, LedgerService } from "@fairlead/proto/ledger/v1/ledger";
import { UsageBatchSchema } from "@fairlead/proto/usage/v1/usage";
import { createClient, type RpcClient, type RpcServer } from "@fairlead/rpc";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createServer } from "./server.ts";
import {
  createEvent,
  logger,
  pepper,
  startTestLedger,
  type TestLedger,
} from "./testing/test-ledger.ts";

const call = { timeoutMs: 10_000 };
const recalls: string[] = [];

let ledger: TestLedger;
let server: RpcServer;
let client: RpcClient<typeof LedgerService>;

beforeAll(async () => {
  ledger = await startTestLedger();
  server = createServer({
    ...ledger.stores,
    poster: ledger.poster,
    logger,
    now: () => ledger.clock.nowMs,
    keyPepper: pepper,
    limits: { maxNano: 1_000_000n, strictBelowNano: 1_000n },
    leaseTtlMs: 60_000,
    recallLeases: (accountId) => recalls.push(accountId),
    onKeyChange: () => undefined,
    onGap: () => undefined,
  });
  client = createClient(LedgerService, `127.0.0.1:${await server.listen("127.0.0.1", 0)}`);
});

afterAll(async () => {
  client.close();
  server.close();
  await ledger.close();
});

describe("LedgerService", () => {
  it("mints a key that is then found by its HMAC alone", async () => {
    const { accountId } = await ledger.addPayer(10_000n);
    const limits = { limitNano: 5_000n, limitReset: "weekly", requestsPerMinute: 60 };
    const made = await client.createKey({ accountId, name: "ci", ...limits }, call);
    expect(parseApiKey(made.keyText)).toBe("inference");
    const keyHmac = hmacApiKey(pepper, made.keyText);
    const { key } = await client.lookUpKey({ keyHmac }, call);
    expect(key).toEqual(made.key);
    expect(key).toMatchObject({ accountId, name: "ci", ...limits, isManagement: false });
    const stranger = { keyHmac: hmacApiKey(pepper, `${made.keyText}x`) };
    await expect(client.lookUpKey(stranger, call)).rejects.toMatchObject({ code: "not_found" });
    const usage = await client.getKeyUsage({ keyId: made.key?.keyId ?? "" }, call);
    expect(usage).toMatchObject({ usageNano: 0n, limitRemainingNano: 5_000n, isFreeTier: false });
  });

  it("answers creation and credits once for each idempotency key", async () => {
    const request = { name: "acme", idempotencyKey: "acme-1" };
    const [{ accountId }, again] = await Promise.all([
      client.createAccount(request, call),
      client.createAccount(request, call),
    ]);
    expect(again.accountId).toBe(accountId);
    const credit = { accountId, amountNano: 700n, idempotencyKey: "invoice-1", reason: "bought" };
    await client.addCredits(credit, call);
    expect((await client.addCredits(credit, call)).availableNano).toBe(700n);
    const other = client.addCredits({ ...credit, amountNano: 701n }, call);
    await expect(other).rejects.toMatchObject({ code: "conflict", param: "idempotency_key" });
    const huge = { ...credit, amountNano: 2n ** 63n - 1n, idempotencyKey: "invoice-2" };
    await expect(client.addCredits(huge, call)).rejects.toMatchObject({ code: "invalid_request" });
    const credits = await client.getCredits({ accountId }, call);
    expect(credits).toMatchObject({ totalCreditsNano: 700n, totalUsageNano: 0n });
  });

  it("leases while credit is plenty and goes strict near its end", async () => {
    const payer = await ledger.addPayer(10_000n);
    const request = { ...payer, gatewayId: "gw-1", seq: 1n, needNano: 10n, wantNano: 99_999n };
    const grant = await client.grantLease(request, call);
    expect(grant).toMatchObject({ grantedNano: 5_000n, availableNano: 5_000n, isStrict: false });
    expect((await client.grantLease(request, call)).leaseId).toBe(grant.leaseId);
    const big = await client.grantLease({ ...request, seq: 2n, needNano: 4_500n }, call);
    expect(big).toMatchObject({ grantedNano: 4_500n, isStrict: false });
    const strict = await client.grantLease({ ...request, seq: 3n }, call);
    expect(strict).toMatchObject({ leaseId: "", isStrict: true, denial: Denial.UNSPECIFIED });
    const reserve = { ...payer, gatewayId: "gw-1", wantNano: 600n, needNano: 400n };
    const held = await client.reserve({ ...reserve, generationId: "gen-r1" }, call);
    expect(held).toMatchObject({ grantedNano: 500n, denial: Denial.UNSPECIFIED });
  });

  it("tells apart what is spent from what is only held, and recalls the latter", async () => {
    const payer = await ledger.addPayer(900n);
    const reserve = { ...payer, gatewayId: "gw-2", wantNano: 800n, needNano: 800n };
    const held = await client.reserve({ ...reserve, generationId: "gen-s1" }, call);
    expect(held.leaseId).not.toBe("");
    const second = await client.reserve({ ...reserve, generationId: "gen-s2" }, call);
    expect(second).toMatchObject({ leaseId: "", denial: Denial.IN_FLIGHT, availableNano: 100n });
    expect(recalls).toContain(payer.accountId);
    const tooMuch = { ...reserve, needNano: 901n, wantNano: 901n, generationId: "gen-s3" };
    expect(await client.reserve(tooMuch, call)).toMatchObject({ denial: Denial.CREDIT });
    const close = { leaseId: held.leaseId, gatewayId: "gw-2", spentTotalNano: 0n };
    const foreign = client.closeLease({ ...close, gatewayId: "gw-3" }, call);
    await expect(foreign).rejects.toMatchObject({ code: "permission_denied" });
    await client.closeLease(close, call);
    expect(await client.reserve({ ...reserve, generationId: "gen-s4" }, call)).toMatchObject({
      grantedNano: 800n,
    });
  });

  it("takes usage by gRPC and shows it at once", async () => {
    const payer = await ledger.addPayer(1_000n);
    const event = createEvent(payer, 40n, { generationId: "gen-u1" });
    const yesterday = BigInt(ledger.clock.nowMs) - 86_400_000n;
    const older = createEvent(payer, 2n, { generationId: "gen-u2", createdMs: yesterday });
    const batch = create(UsageBatchSchema, { events: [event, older], source: "gw" });
    expect(await client.submitUsage({ batch }, call)).toMatchObject({ posted: 2, duplicates: 0 });
    expect(await client.submitUsage({ batch }, call)).toMatchObject({ posted: 0, duplicates: 2 });
    expect(await client.getKeyUsage({ keyId: payer.keyId }, call)).toMatchObject({
      usageNano: 42n,
      usageDailyNano: 40n,
      usageWeeklyNano: 42n,
    });
    const request = { accountId: payer.accountId, generationId: "gen-u1" };
    expect((await client.getGeneration(request, call)).event).toEqual(event);
    expect(await client.getCredits(payer, call)).toMatchObject({ totalUsageNano: 42n });
    expect(await client.checkBooks({}, call)).toMatchObject({
      imbalanceNano: 0n,
      wrongBalances: 0,
    });
  });

  it.each([
    ["createAccount", { name: "" }, "name"],
    ["createKey", { accountId: "a", name: "k", limitReset: "hourly" }, "limit_reset"],
    ["addCredits", { accountId: "a", idempotencyKey: "k", amountNano: -5n }, "amount_nano"],
    ["grantLease", { accountId: "a", keyId: "k", gatewayId: "g", needNano: -1n }, "need_nano"],
    ["lookUpKey", { keyHmac: new Uint8Array(5) }, "key_hmac"],
  ] as const)("names the field at fault: %s", async (method, request, param) => {
    const answer = client[method](request as never, call);
    await expect(answer).rejects.toMatchObject({ code: "invalid_request", param });
  });
});
