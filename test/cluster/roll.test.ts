import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Request } from "../kill/load.ts";
import { checkBooks } from "./support/check-books.ts";
import { ClientPod } from "./support/client-pod.ts";
import { kubectl } from "./support/kubectl.ts";
import { Release } from "./support/release.ts";
import { readSimulatedCounts } from "./support/simulated-counts.ts";
import { hasCluster, note, step } from "./support/step.ts";
import { waitUntil } from "./support/wait-until.ts";

const STREAMS = 200;
const STREAM_SECONDS = 30;
/** How long a pod may take from its start to its end, streams of its own and of others included. */
const ROLL_TIMEOUT_MS = 240_000;

const rolled = [
  { component: "router", deployment: "router", replicas: 2 },
  { component: "ledger", deployment: "ledger", replicas: 2 },
  { component: "adapter", deployment: "adapter-simulated", replicas: 2 },
  { component: "prober", deployment: "prober", replicas: 1 },
  { component: "gateway", deployment: "gateway", replicas: 2 },
] as const;

/** When one service was rolled, ms since 1970 by the clients' clock. */
interface Span {
  readonly deployment: string;
  readonly fromMs: number;
  readonly toMs: number;
}

describe.skipIf(!hasCluster)("a rolling update of every service in turn", () => {
  let release: Release;
  let client: ClientPod;

  beforeAll(async () => {
    release = await Release.create("fairlead-roll");
    const values = Object.fromEntries(
      rolled.map(({ component, replicas }) => [component, { replicas }]),
    );
    await step("roll: helm install", () => release.install(values));
    client = await ClientPod.start(release.namespace, release.name);
  });

  afterAll(async () => {
    await client?.[Symbol.asyncDispose]();
    await release?.[Symbol.asyncDispose]();
  });

  it("breaks no stream, fails no request and loses no bill", async () => {
    await client.start("streams", {
      workers: STREAMS,
      isStreamOnly: true,
      // As many events a second as two busy cores serve with ease; the length is what counts.
      script: `tokens=${2 * STREAM_SECONDS} rate=2`,
      timeoutMs: 4 * STREAM_SECONDS * 1_000,
      models: ["simulated/fast"],
    });
    await client.start("steady", { workers: 4, pauseMs: 200, timeoutMs: 30_000 });
    await waitUntil(async () => (await readSimulatedCounts(release)).inFlight >= STREAMS, {
      what: `${STREAMS} open streams`,
      timeoutMs: 60_000,
    });
    const spans: Span[] = [];
    for (const { component, deployment, replicas } of rolled) {
      const fromMs = await client.now();
      await step(`roll: ${deployment}`, () => roll(component, deployment, replicas));
      spans.push({ deployment, fromMs, toMs: await client.now() });
    }
    const [streams, steady] = await step("roll: last streams", () =>
      Promise.all([client.stop("streams"), client.stop("steady")]),
    );
    const requests = [...streams, ...steady];
    const broken = requests.filter((request) => !request.isComplete);
    const comparison = await step("roll: books", () => checkBooks(release, requests));
    note(
      `roll: ${streams.length} streams and ${steady.length} requests, ${broken.length} not whole; ` +
        `tokens served ${comparison.servedTokens}, billed ${comparison.billedTokens}`,
    );
    expect(broken).toEqual([]);
    for (const { deployment, fromMs, toMs } of spans) {
      const isOpenAt = (request: Request): boolean =>
        request.startedAtMs <= fromMs && request.endedAtMs > fromMs;
      // All but those between two streams of one client.
      expect({ deployment, open: streams.filter(isOpenAt).length }).toEqual({
        deployment,
        open: expect.toSatisfy((open: number) => open >= 0.9 * STREAMS),
      });
      const meanwhile = steady.filter((it) => it.startedAtMs > fromMs && it.startedAtMs < toMs);
      expect(meanwhile.length).toBeGreaterThan(10);
    }
    const shortest = Math.min(...streams.map((it) => it.endedAtMs - it.startedAtMs));
    expect(shortest).toBeGreaterThan(0.9 * STREAM_SECONDS * 1_000);
    expect(comparison.cut).toBe(0);
    expect(comparison.unexplained).toEqual([]);
  });

  /** Until every old pod is gone, the last of its streams with it. */
  async function roll(component: string, deployment: string, replicas: number): Promise<void> {
    const old = new Set((await release.pods(component)).map(({ metadata }) => metadata.uid));
    const target = ["-n", release.namespace, `deployment/${release.name}-${deployment}`];
    await kubectl(["rollout", "restart", ...target]);
    await kubectl(["rollout", "status", ...target, `--timeout=${ROLL_TIMEOUT_MS / 1_000}s`], {
      timeoutMs: ROLL_TIMEOUT_MS + 10_000,
    });
    const pods = await release.whenReady(component, replicas, ROLL_TIMEOUT_MS);
    expect(pods.filter(({ metadata }) => old.has(metadata.uid))).toEqual([]);
  }
});
