import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkBooks } from "./support/check-books.ts";
import { ClientPod } from "./support/client-pod.ts";
import { loseNode } from "./support/cluster-tool.ts";
import { isReady, kubectl, listNodes } from "./support/kubectl.ts";
import { installReplicas, loseUnderLoad, victims } from "./support/lose-under-load.ts";
import type { Release } from "./support/release.ts";
import { hasCluster, step } from "./support/step.ts";
import { waitUntil } from "./support/wait-until.ts";

/** Kubernetes notices a node's silence only after its own time: 15 to 50 s. */
const RECOVERY_MS = 60_000;
const COMEBACK_TIMEOUT_MS = 180_000;
/**
 * A gateway gathers bills for 25 ms and sends them; a busy machine takes its time for that. An
 * answer that ended in this time before the loss of gateway and worker may have no bill.
 */
const GATHERING_MS = 250;

describe.skipIf(!hasCluster)("a node lost without warning, under load", () => {
  let release: Release;
  let client: ClientPod;
  let lostNode = "";

  beforeAll(async () => {
    const [first = "", second = ""] = await listNodes();
    lostNode = second;
    release = await installReplicas("fairlead-node-loss", first);
    client = await ClientPod.start(release.namespace, release.name, first);
  });

  afterAll(async () => {
    await client?.[Symbol.asyncDispose]();
    await release?.[Symbol.asyncDispose]();
  });

  it("takes the requests that were on it, and its pods come back on another", async () => {
    let bringBack: (() => Promise<void>) | undefined;
    let bothLostMs: [number, number] = [0, 0];
    const lose = async (): Promise<void> => {
      const beforeMs = await client.now();
      bringBack = await loseNode(lostNode);
      bothLostMs = [beforeMs - GATHERING_MS, await client.now()];
    };
    const comeBack = async (): Promise<void> => {
      for (const { component, replicas } of victims) {
        await waitUntil(async () => (await countElsewhere(component)) >= replicas, {
          what: `${component} on the other node`,
          timeoutMs: COMEBACK_TIMEOUT_MS,
        });
      }
    };
    try {
      const requests = await step("loss: a node", () =>
        loseUnderLoad(client, {
          what: `node ${lostNode}`,
          lose,
          comeBack,
          recoveryMs: RECOVERY_MS,
        }),
      );
      const [fromMs, toMs] = bothLostMs;
      const unsure = requests.filter(
        ({ isComplete, endedAtMs }) => !isComplete || (endedAtMs >= fromMs && endedAtMs <= toMs),
      );
      const { unexplained } = await step("loss: books of a node", () =>
        checkBooks(release, requests, new Set(unsure.map(({ generationId }) => generationId))),
      );
      // A request whose gateway died before its head came back does not know its own name.
      const nameless = unsure.filter(({ generationId }) => generationId === "");
      expect(unexplained.length).toBeLessThanOrEqual(nameless.length);
    } finally {
      await bringBack?.();
    }
    await step("loss: the node is back", () =>
      kubectl(["wait", "--for=condition=Ready", `node/${lostNode}`, "--timeout=60s"], {
        timeoutMs: 70_000,
      }),
    );
  });

  async function countElsewhere(component: string): Promise<number> {
    const pods = await release.pods(component);
    return pods.filter((pod) => pod.spec.nodeName !== lostNode && isReady(pod)).length;
  }
});
