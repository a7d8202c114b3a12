import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { checkBooks } from "./support/check-books.ts";
import { ClientPod } from "./support/client-pod.ts";
import { getObject, getPods, isReady } from "./support/kubectl.ts";
import { openPortForward, type PortForward } from "./support/port-forward.ts";
import { Release } from "./support/release.ts";
import { hasCluster, note, step } from "./support/step.ts";
import { waitUntil } from "./support/wait-until.ts";

const STREAMS_PER_POD = 10;
/** With the four steady clients: three pods carry them at the wanted number each; two do not. */
const STREAMS = 3 * STREAMS_PER_POD - 6;
const PODS_MAX = 3;
const TRAFFIC_MS_MAX = 2_000;
const SCALE_TIMEOUT_MS = 120_000;
const POLL_MS = 50;

const autoscaling = {
  enabled: true,
  metric: "streams",
  minReplicas: 1,
  maxReplicas: PODS_MAX,
  streamsPerPod: STREAMS_PER_POD,
  scaleDownSeconds: 10,
};
const pools = [
  { name: "busy", providers: ["simulated-openai"], autoscaling },
  { name: "idle", providers: ["simulated-gemini"], autoscaling },
];
const scaler = z.object({
  status: z.object({ desiredReplicas: z.number(), currentReplicas: z.number().default(0) }),
});

/** What became of one worker that the autoscaler added. Times are ms since 1970. */
interface Arrival {
  readonly name: string;
  readonly readyAtMs: number;
  readonly trafficAtMs: number;
}

describe.skipIf(!hasCluster)("a pool with an autoscaler on open streams", () => {
  let release: Release;
  let client: ClientPod;

  beforeAll(async () => {
    release = await Release.create("fairlead-scale");
    await step("scale: helm install", () => release.install({ adapter: { pools } }));
    client = await ClientPod.start(release.namespace, release.name);
  });

  afterAll(async () => {
    await client?.[Symbol.asyncDispose]();
    await release?.[Symbol.asyncDispose]();
  });

  it("goes from one worker to three and back, and no other pool moves", async () => {
    // Before the autoscaler's first look it wants none.
    await waitUntil(async () => (await desiredOf("idle")) === 1, {
      what: "the idle pool's autoscaler",
      timeoutMs: SCALE_TIMEOUT_MS,
    });
    const idle = new Set<number>();
    const startedAtMs = performance.now();
    const since = (): string => `${((performance.now() - startedAtMs) / 1_000).toFixed(1)} s`;
    await client.start("streams", {
      workers: STREAMS,
      isStreamOnly: true,
      script: "tokens=40 rate=8",
      timeoutMs: 60_000,
      models: ["simulated/fast"],
    });
    // Streams that began together end together: these give a new worker something to take at once.
    const steady = { workers: 4, pauseMs: 50, models: ["simulated/fast"], timeoutMs: 60_000 };
    await client.start("steady", steady);
    await client.start("other", { workers: 1, pauseMs: 200, models: ["simulated/gemini"] });
    const [first] = await pods("busy");
    const known = new Set([first?.metadata.name ?? ""]);
    const arrivals: Promise<Arrival>[] = [];
    await step("scale: 1 to 3", () =>
      waitUntil(
        async () => {
          const [present, desired] = await Promise.all([pods("busy"), desiredOf("idle")]);
          idle.add(desired);
          for (const { metadata, status } of present) {
            if (!known.has(metadata.name) && status.phase === "Running") {
              known.add(metadata.name);
              arrivals.push(watchArrival(metadata.name));
            }
          }
          return present.filter(isReady).length === PODS_MAX;
        },
        { what: "three ready workers", timeoutMs: SCALE_TIMEOUT_MS },
      ),
    );
    note(`scale: three workers ready after ${since()}`);
    const seen = await Promise.all(arrivals);
    for (const { name, readyAtMs, trafficAtMs } of seen) {
      note(`scale: ${name} carried a stream ${trafficAtMs - readyAtMs} ms after it was ready`);
    }
    const streams = [...(await client.stop("streams")), ...(await client.stop("steady"))];
    note(`scale: load ends after ${since()}`);
    await step("scale: 3 to 1", () =>
      waitUntil(
        async () => {
          idle.add(await desiredOf("idle"));
          return (await pods("busy")).length === 1;
        },
        { what: "one worker", timeoutMs: SCALE_TIMEOUT_MS },
      ),
    );
    note(`scale: one worker after ${since()}`);
    const requests = [...streams, ...(await client.stop("other"))];
    expect(requests.filter((request) => !request.isComplete)).toEqual([]);
    expect(seen).toHaveLength(PODS_MAX - 1);
    expect(seen.filter((it) => it.trafficAtMs - it.readyAtMs > TRAFFIC_MS_MAX)).toEqual([]);
    expect([...idle]).toEqual([1]);
    await step("scale: books", () => checkBooks(release, requests));
  });

  async function pods(pool: string) {
    return await getPods(release.namespace, `fairlead.dev/pool=${pool}`);
  }

  async function desiredOf(pool: string): Promise<number> {
    const name = `${release.name}-adapter-${pool}`;
    return (await getObject(scaler, ["hpa", name, "-n", release.namespace])).status.desiredReplicas;
  }

  /** Asks the worker itself, so that the moment it is ready does not wait for who looks. */
  async function watchArrival(name: string): Promise<Arrival> {
    const options = { timeoutMs: SCALE_TIMEOUT_MS, everyMs: POLL_MS };
    let forward: PortForward | undefined;
    const read = async (path: string): Promise<Response> => {
      try {
        forward ??= await openPortForward(release.namespace, `pod/${name}`, 9090);
        return await fetch(`http://127.0.0.1:${forward.port}${path}`);
      } catch (error) {
        // A forward ends with the first connection that the pod does not take.
        await forward?.[Symbol.asyncDispose]();
        forward = undefined;
        throw error;
      }
    };
    const readyAtMs = await waitUntil(async () => (await read("/readyz")).ok && Date.now(), {
      ...options,
      what: `${name} ready`,
    });
    const trafficAtMs = await waitUntil(
      async () => {
        const text = await (await read("/metrics")).text();
        return /^fairlead_adapter_streams(?:\{[^}]*\})? [1-9]/m.test(text) && Date.now();
      },
      { ...options, what: `a stream on ${name}` },
    );
    await forward?.[Symbol.asyncDispose]();
    return { name, readyAtMs, trafficAtMs };
  }
});
