import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Request } from "../kill/load.ts";
import { checkBooks } from "./support/check-books.ts";
import { ClientPod } from "./support/client-pod.ts";
import { killContainer } from "./support/cluster-tool.ts";
import { kubectl, listNodes } from "./support/kubectl.ts";
import { installReplicas, loseUnderLoad, victims } from "./support/lose-under-load.ts";
import type { Release } from "./support/release.ts";
import { hasCluster, step } from "./support/step.ts";

/** Until Kubernetes sends nobody to the pod that is gone. */
const RECOVERY_MS = 5_000;
const COMEBACK_TIMEOUT_MS = 180_000;

describe.skipIf(!hasCluster)("pods lost without warning, under load", () => {
  let release: Release;
  let client: ClientPod;
  const all: Request[] = [];
  /** Of the turns before. */
  const excused = new Set<string>();

  beforeAll(async () => {
    const [node = ""] = await listNodes();
    release = await installReplicas("fairlead-loss", node);
    client = await ClientPod.start(release.namespace, release.name, node);
  });

  afterAll(async () => {
    await client?.[Symbol.asyncDispose]();
    await release?.[Symbol.asyncDispose]();
  });

  it.each(victims)("$component", async ({ component, replicas, losesRequests }) => {
    const [victim] = await release.pods(component);
    const containers = victim?.status.containerStatuses.map(({ containerID }) => containerID);
    expect(containers).toEqual([expect.stringMatching(/./)]);
    const lose = async (): Promise<void> => {
      // A deletion by force still asks the process to stop, and ours would drain.
      await killContainer(victim?.spec.nodeName ?? "", containers?.[0] ?? "");
      const flags = ["-n", release.namespace, "--force", "--grace-period=0", "--wait=false"];
      await kubectl(["delete", "pod", victim?.metadata.name ?? "", ...flags]);
    };
    const comeBack = async (): Promise<void> => {
      await release.whenReady(component, replicas, COMEBACK_TIMEOUT_MS);
    };
    const requests = await step(`loss: ${component}`, () =>
      loseUnderLoad(client, { what: component, lose, comeBack, recoveryMs: RECOVERY_MS }),
    );
    all.push(...requests);
    if (!losesRequests) {
      expect(requests.filter((request) => !request.isComplete)).toEqual([]);
    }
    const { unexplained } = await step(`loss: books of ${component}`, () =>
      checkBooks(release, all, excused),
    );
    // A request whose gateway died before the head of its answer does not know its own name. If its
    // provider had just answered, the customer pays nothing for what nobody could pass on.
    const nameless = requests.filter(
      ({ isComplete, generationId }) => !isComplete && generationId === "",
    );
    expect(unexplained.length).toBeLessThanOrEqual(nameless.length);
    for (const generation of unexplained) {
      excused.add(generation);
    }
  });
});
