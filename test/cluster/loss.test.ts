import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Request } from "../kill/load.ts";
import { checkBooks } from "./support/check-books.ts";
import { ClientPod } from "./support/client-pod.ts";
import { loseNode } from "./support/cluster-tool.ts";
import { getObject, kubectl } from "./support/kubectl.ts";
import { Release } from "./support/release.ts";
import { hasCluster, note, step } from "./support/step.ts";
import { waitUntil } from "./support/wait-until.ts";

const LOAD = { workers: 6, pauseMs: 50, timeoutMs: 30_000 };
/** After the loss of one pod, and of a node, whose silence Kubernetes must notice first. */
const POD_RECOVERY_MS = 10_000;
const NODE_RECOVERY_MS = 90_000;
const COMEBACK_TIMEOUT_MS = 180_000;
/** A gateway gathers bills for 25 ms and sends them; a busy machine takes its time for that. */
const GATHERING_MS = 250;
/** Answers in a row that say the platform works again. */
const GOOD_MIN = 30;

/** Who takes requests with it when it is lost: those that were on it. The others take none. */
const victims = [
  { component: "gateway", replicas: 2, losesRequests: true },
  { component: "adapter", replicas: 2, losesRequests: true },
  { component: "router", replicas: 2, losesRequests: false },
  { component: "ledger", replicas: 2, losesRequests: false },
  { component: "prober", replicas: 1, losesRequests: false },
  { component: "nats", replicas: 1, losesRequests: false },
  { component: "postgres", replicas: 1, losesRequests: false },
] as const;

describe.skipIf(!hasCluster)("what is lost without warning, under load", () => {
  let release: Release;
  let client: ClientPod;
  let lostNode = "";
  const all: Request[] = [];

  beforeAll(async () => {
    const [first, second] = await listNodes();
    lostNode = second ?? "";
    const stays = { nodeSelector: { "kubernetes.io/hostname": first } };
    const replicas = Object.fromEntries(
      victims
        .filter(({ component }) => component !== "nats" && component !== "postgres")
        .map((it) => [it.component, { replicas: it.replicas, tolerations }]),
    );
    release = await Release.create("fairlead-loss");
    await step("loss: helm install", () =>
      // One server each, on one node's disk: in production they are clusters of your own.
      release.install({ ...replicas, postgres: stays, nats: stays, simulator: stays }),
    );
    client = await ClientPod.start(release.namespace, release.name, first);
  });

  afterAll(async () => {
    await client?.[Symbol.asyncDispose]();
    await release?.[Symbol.asyncDispose]();
  });

  it.each(victims)("$component", async ({ component, replicas, losesRequests }) => {
    const [victim] = await release.pods(component);
    const requests = await step(`loss: ${component}`, () =>
      loseUnderLoad(
        component,
        async () => {
          const name = victim?.metadata.name ?? "";
          const flags = ["--force", "--grace-period=0", "--wait=false"];
          await kubectl(["delete", "pod", name, "-n", release.namespace, ...flags]);
          await release.whenReady(component, replicas, COMEBACK_TIMEOUT_MS);
        },
        POD_RECOVERY_MS,
      ),
    );
    if (!losesRequests) {
      expect(requests.filter((request) => !request.isComplete)).toEqual([]);
    }
    await checkBooks(release, all);
  });

  it("a node, with its share of every service", async () => {
    let bringBack: (() => Promise<void>) | undefined;
    let bothLostMs: [number, number] = [0, 0];
    try {
      await step("loss: a node", () =>
        loseUnderLoad(
          `node ${lostNode}`,
          async () => {
            const beforeMs = await client.now();
            bringBack = await loseNode(lostNode);
            bothLostMs = [beforeMs - GATHERING_MS, await client.now()];
            for (const { component, replicas } of victims) {
              await waitUntil(
                async () => (await release.pods(component)).filter(isOn).length >= replicas,
                { what: `${component} on the other node`, timeoutMs: COMEBACK_TIMEOUT_MS },
              );
            }
          },
          NODE_RECOVERY_MS,
        ),
      );
    } finally {
      await bringBack?.();
    }
    await checkBooks(release, all, { bothLostMs });
    await step("loss: the node is back", () =>
      kubectl(["wait", "--for=condition=Ready", `node/${lostNode}`, "--timeout=60s"], {
        timeoutMs: 70_000,
      }),
    );
  });

  function isOn({ spec, status, metadata }: Awaited<ReturnType<Release["pods"]>>[number]): boolean {
    const ready = status.conditions.find(({ type }) => type === "Ready")?.status === "True";
    return spec.nodeName !== lostNode && ready && metadata.deletionTimestamp === undefined;
  }

  /** Runs load over a loss. What fails must have failed before the time of recovery was over. */
  async function loseUnderLoad(
    what: string,
    lose: () => Promise<void>,
    recoveryMs: number,
  ): Promise<readonly Request[]> {
    await client.start(what.replaceAll(" ", "-"), LOAD);
    const name = what.replaceAll(" ", "-");
    await waitUntil(async () => (await client.read(name)).filter(isGood).length > GOOD_MIN, {
      what: "load before the loss",
      timeoutMs: 60_000,
    });
    const lostAtMs = await client.now();
    await lose();
    const backAtMs = await client.now();
    await waitUntil(
      async () => {
        const requests = await client.read(name);
        return requests.filter((it) => isGood(it) && it.startedAtMs > backAtMs).length > GOOD_MIN;
      },
      { what: "load after the loss", timeoutMs: 60_000 },
    );
    const requests = await client.stop(name);
    all.push(...requests);
    const failed = requests.filter((request) => !request.isComplete);
    const lastMs = Math.max(lostAtMs, ...failed.map(({ startedAtMs }) => startedAtMs)) - lostAtMs;
    note(
      `loss: ${what}: ${requests.length} requests, ${failed.length} failed, the last of them begun ` +
        `${lastMs} ms after the loss; all pods back after ${backAtMs - lostAtMs} ms`,
    );
    for (const { startedAtMs, endedAtMs, status, fault } of failed.slice(0, 10)) {
      const from = startedAtMs - lostAtMs;
      note(`        from ${from} to ${endedAtMs - lostAtMs} ms: ${status} ${fault.slice(0, 160)}`);
    }
    expect(lastMs).toBeLessThanOrEqual(recoveryMs);
    return requests;
  }
});

/** A lost node's pods are given up after 5 s, not 300. */
const tolerations = ["not-ready", "unreachable"].map((state) => ({
  key: `node.kubernetes.io/${state}`,
  operator: "Exists",
  effect: "NoExecute",
  tolerationSeconds: 5,
}));

function isGood(request: Request): boolean {
  return request.isComplete;
}

async function listNodes(): Promise<string[]> {
  const schema = z.object({
    items: z.array(z.object({ metadata: z.object({ name: z.string() }) })),
  });
  const { items } = await getObject(schema, ["nodes"]);
  return items.map(({ metadata }) => metadata.name).toSorted();
}
