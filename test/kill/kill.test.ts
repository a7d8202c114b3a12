import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Platform, startPlatform } from "@fairlead/local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compareBooks } from "./compare-books.ts";
import { compareCosts } from "./compare-costs.ts";
import { Load, type Request } from "./load.ts";
import { type Settled, settleBooks } from "./settle-books.ts";

const WORKERS = 32;
/**
 * Eight words. Slow, so that what is on the way when a stream is cut stays within a few of them on
 * any machine; and short, so that a cut answer is billed by its events: long ones count as several
 * tokens each.
 */
const SCRIPT = 'text="We say no more than what we mean" rate=5';
const BEFORE_MS = 2_500;
/** Of load on a platform that is whole again. */
const AFTER_MS = 3_000;
const RECOVERED_WITHIN_MS = 30_000;
const SETTLED_WITHIN_MS = 45_000;

let home = "";
let platform: Platform;
/** The generations of the kills before: their books are closed. */
const closed = new Set<string>();

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "fairlead-kill-"));
  platform = await startPlatform({ home, port: 0 });
});

afterAll(async () => {
  await platform?.stop();
  rmSync(home, { recursive: true, force: true });
});

async function killUnderLoad(victim: string) {
  const { baseUrl, apiKey } = platform;
  const load = new Load({ baseUrl, apiKey, workers: WORKERS, script: SCRIPT });
  await delay(BEFORE_MS);
  const killedAtMs = Date.now();
  platform.kill(victim, "SIGKILL");
  await platform.whenReady(victim);
  const readyAtMs = Date.now();
  const findGood = () => load.requests.find((it) => it.isComplete && it.startedAtMs >= readyAtMs);
  await expect.poll(findGood, { timeout: RECOVERED_WITHIN_MS }).toBeDefined();
  const recoveredAtMs = findGood()?.startedAtMs ?? readyAtMs;
  await delay(AFTER_MS);
  await load.stop();
  return { requests: load.requests, killedAtMs, awayMs: readyAtMs - killedAtMs, recoveredAtMs };
}

/** The books and answers since the last call, once they no longer change. */
async function closeBooks(): Promise<Settled> {
  const simulatorUrl = Object.values(platform.simulators)[0] ?? "";
  const { books, served } = await settleBooks(
    platform.postgresUrl,
    simulatorUrl,
    SETTLED_WITHIN_MS,
  );
  const select = <T>(all: ReadonlyMap<string, T>) =>
    new Map([...all].filter(([generation]) => !closed.has(generation)));
  const fresh = { books: { ...books, bills: select(books.bills) }, served: select(served) };
  expect(books.imbalanceNano).toBe(0n);
  expect(books.usageNano).toBe(
    [...books.bills.values()].reduce((sum, bill) => sum + bill.costNano, 0n),
  );
  for (const generation of [...fresh.books.bills.keys(), ...fresh.served.keys()]) {
    closed.add(generation);
  }
  return fresh;
}

function describeFailure(request: Request, killedAtMs: number): string {
  const { status, startedAtMs, endedAtMs, fault } = request;
  return `  ${startedAtMs - killedAtMs} to ${endedAtMs - killedAtMs} ms from the kill: ${status} ${fault}`;
}

/**
 * Whose streams end with it, and how long each may be away without failing a request that begins
 * meanwhile: nothing listens in the place of the only gateway; routers give a worker up after three
 * seconds of silence; the others are waited for, or not on the path of an answer at all. All are
 * back sooner, unless the machine is too slow to start a process: then they fail until it is.
 */
const victims = [
  { victim: "gateway", hasStreams: true, sparedMs: 0 },
  { victim: "adapter-simulated", hasStreams: true, sparedMs: 2_000 },
  { victim: "router", hasStreams: false, sparedMs: 5_000 },
  { victim: "ledger", hasStreams: false, sparedMs: 5_000 },
  { victim: "prober", hasStreams: false, sparedMs: Number.POSITIVE_INFINITY },
  { victim: "nats", hasStreams: false, sparedMs: 5_000 },
  { victim: "postgres", hasStreams: false, sparedMs: 5_000 },
];

describe("a service killed with SIGKILL under load", () => {
  it.each(victims)("$victim", async ({ victim, hasStreams, sparedMs }) => {
    const { requests, killedAtMs, awayMs, recoveredAtMs } = await killUnderLoad(victim);
    const settled = await closeBooks();
    const failed = requests.filter((request) => !request.isComplete);
    // By their beginning: how long a client waits for a request that fails says nothing.
    const lastFailedMs = Math.max(killedAtMs, ...failed.map(({ startedAtMs }) => startedAtMs));
    const { billedTokens, servedTokens, cut, ...tokens } = compareBooks(
      settled.books,
      settled.served,
      requests,
    );
    const costs = compareCosts(settled, join(home, "simulated-catalog.yaml"));
    const { billedNano, servedNano, unpaid, unpaidTokens } = costs;
    console.log(
      `[notice] killed ${victim}, back after ${awayMs} ms: ${failed.length} of ${requests.length} requests failed, ` +
        `the last begun after ${lastFailedMs - killedAtMs} ms; served ${servedTokens} tokens = ${servedNano} nano-USD, ` +
        `billed ${billedTokens} tokens = ${billedNano} nano-USD; ${cut} cut and billed in part, ` +
        `${unpaid.length} broken off and not billed (${unpaidTokens} tokens)`,
    );
    console.log(
      failed
        .slice(0, 20)
        .map((it) => describeFailure(it, killedAtMs))
        .join("\n"),
    );

    const { unexplained, ...others } = tokens;
    expect(others).toEqual({ differences: [], unbilled: [] });
    // A request whose gateway died before the head of its answer does not know its own name. If its
    // provider had just answered, the customer pays nothing for what nobody could pass on.
    const nameless = failed.filter(
      ({ generationId, startedAtMs }) => generationId === "" && startedAtMs <= killedAtMs,
    );
    expect(unexplained.length).toBeLessThanOrEqual(victim === "gateway" ? nameless.length : 0);
    expect(costs).toMatchObject({ wrongPrices: [], unserved: [] });
    expect(billedTokens).toBe(servedTokens);
    expect(billedNano).toBe(servedNano);
    expect(servedNano).toBeGreaterThan(0n);

    // An answer that breaks off after content is free, and only a worker's death breaks one off.
    const broken = victim.startsWith("adapter") ? failed.map((it) => it.generationId) : [];
    expect(unpaid.filter((generation) => !broken.includes(generation))).toEqual([]);
    const isExcused = ({ startedAtMs }: Request) =>
      startedAtMs <= killedAtMs ? hasStreams : awayMs > sparedMs && startedAtMs < recoveredAtMs;
    const unexcused = failed.filter((request) => !isExcused(request));
    expect(unexcused.map((it) => describeFailure(it, killedAtMs))).toEqual([]);
  });
});
