import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Platform, startPlatform } from "@fairlead/local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readServed, waitForBills } from "./books.ts";
import { compareBooks } from "./compare-books.ts";
import { Load, type Request } from "./load.ts";

const WORKERS = 16;
const BEFORE_MS = 1_500;
const AFTER_MS = 6_000;
const RECOVERY_MS = 5_000;

let home = "";
let platform: Platform;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "fairlead-kill-"));
  platform = await startPlatform({ home, port: 0 });
});

afterAll(async () => {
  await platform?.stop();
  rmSync(home, { recursive: true, force: true });
});

/** The time from the kill to the first request that begins after it and is answered whole. */
function recoveryMs(requests: readonly Request[], killedAtMs: number): number {
  const good = requests.filter(
    (request) => request.isComplete && request.startedAtMs >= killedAtMs,
  );
  const bad = requests.filter((request) => !request.isComplete);
  const lastBadMs = Math.max(killedAtMs, ...bad.map((request) => request.endedAtMs));
  expect(good.some((request) => request.startedAtMs >= lastBadMs)).toBe(true);
  return lastBadMs - killedAtMs;
}

async function killUnderLoad(victim: string) {
  const load = new Load({ baseUrl: platform.baseUrl, apiKey: platform.apiKey, workers: WORKERS });
  await delay(BEFORE_MS);
  const killedAtMs = Date.now();
  platform.kill(victim, "SIGKILL");
  await delay(AFTER_MS);
  await load.stop();
  return { requests: load.requests, killedAtMs };
}

/** Who, when killed, takes requests with it: those that were on it. The others take none. */
const victims = [
  { victim: "gateway", losesRequests: true },
  { victim: "adapter-simulated", losesRequests: true },
  { victim: "router", losesRequests: false },
  { victim: "ledger", losesRequests: false },
  { victim: "prober", losesRequests: false },
  { victim: "nats", losesRequests: false },
  { victim: "postgres", losesRequests: false },
];

describe("a service killed with SIGKILL under load", () => {
  it.each(victims)("$victim", async ({ victim, losesRequests }) => {
    const { requests, killedAtMs } = await killUnderLoad(victim);
    const failed = requests.filter((request) => !request.isComplete);
    const inFlight = failed.filter((request) => request.startedAtMs <= killedAtMs);
    const recoveredAfterMs = recoveryMs(requests, killedAtMs);
    const books = await waitForBills(platform.postgresUrl, requests, 15_000);
    const { bills, imbalanceNano, usageNano } = books;
    const served = await readServed(Object.values(platform.simulators)[0] ?? "");

    const comparison = compareBooks(books, served, requests);
    const { billedTokens, servedTokens, cut, differences, unbilled } = comparison;
    console.log(
      `killed ${victim}: ${requests.length} requests, ${failed.length} failed (${inFlight.length} of them in flight), ` +
        `recovered after ${recoveredAfterMs} ms; tokens served ${servedTokens}, billed ${billedTokens}; ${cut} cut`,
    );

    for (const { status, startedAtMs, endedAtMs, fault } of failed.slice(0, 20)) {
      console.log(
        `  ${startedAtMs - killedAtMs} to ${endedAtMs - killedAtMs} ms from the kill: ${status} ${fault}`,
      );
    }

    expect(differences).toEqual([]);
    expect(unbilled).toEqual([]);
    expect(billedTokens).toBe(servedTokens);
    expect(imbalanceNano).toBe(0n);
    expect(usageNano).toBe([...bills.values()].reduce((sum, bill) => sum + bill.costNano, 0n));
    expect(recoveredAfterMs).toBeLessThanOrEqual(RECOVERY_MS);
    if (!losesRequests) {
      expect(failed).toEqual([]);
    }
  });
});
