import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkBooks } from "./support/check-books.ts";
import { ClientPod } from "./support/client-pod.ts";
import { kubectl, listObjects } from "./support/kubectl.ts";
import { Release } from "./support/release.ts";
import { hasCluster, note, step } from "./support/step.ts";
import { waitUntil } from "./support/wait-until.ts";

const FIRST_TOKEN_MS_MAX = 180_000;

describe.skipIf(!hasCluster)("an install without any value", () => {
  let release: Release;

  beforeAll(async () => {
    release = await Release.create("fairlead-install");
  });

  afterAll(async () => {
    await release?.[Symbol.asyncDispose]();
  });

  it("answers its first streamed token within 180 s, where the restricted standard is enforced", async () => {
    const startedAtMs = performance.now();
    await step("install: helm install", () => release.install());
    await using client = await step("install: start clients", () =>
      ClientPod.start(release.namespace, release.name),
    );
    await client.start("first", { workers: 1, isStreamOnly: true, pauseMs: 200 });
    const answered = await waitUntil(
      async () => (await client.read("first")).find((request) => request.isComplete),
      { what: "a streamed answer through the gateway's Service", timeoutMs: FIRST_TOKEN_MS_MAX },
    );
    const firstTokenMs = performance.now() - startedAtMs;
    note(`install: from nothing to the first streamed answer ${Math.round(firstTokenMs)} ms`);
    expect(answered.status).toBe(200);
    expect(firstTokenMs).toBeLessThanOrEqual(FIRST_TOKEN_MS_MAX);
    const requests = await client.stop("first");
    // A platform that says it is ready refuses nobody.
    expect(requests.filter((request) => !request.isComplete)).toEqual([]);
    await step("install: books", () => checkBooks(release, requests));
  });

  it("enforces the restricted standard: a pod that may become root is refused", async () => {
    const args = [
      "run",
      "root",
      "-n",
      release.namespace,
      "--image=busybox:1.35",
      "--restart=Never",
    ];
    await expect(kubectl(args)).rejects.toThrow(/violates PodSecurity "restricted/);
  });

  it("restarts nothing on its way up", async () => {
    const components = ["gateway", "router", "adapter", "ledger", "prober", "nats", "postgres"];
    for (const component of components) {
      const pods = await release.pods(component);
      expect(pods.length).toBeGreaterThan(0);
      const restarts = pods.flatMap(({ metadata, status }) =>
        status.containerStatuses
          .filter(({ restartCount }) => restartCount > 0)
          .map(({ restartCount }) => `${metadata.name}: ${restartCount}`),
      );
      expect(restarts).toEqual([]);
    }
  });

  it("passes `helm test`", async () => {
    const output = await step("install: helm test", () =>
      release.helm("test", "--timeout", "120s"),
    );
    expect(output).toMatch(/Phase:\s+Succeeded/);
  });

  it("refuses a second install under the same name, and stays", async () => {
    const error: Error = await release.install().then(
      () => expect.fail("it was taken"),
      (failure) => failure,
    );
    expect(String(error.cause)).toMatch(/cannot re-use a name that is still in use/);
    expect((await release.whenReady("gateway", 1)).length).toBe(1);
  });

  it("leaves its data at `helm uninstall`, and nothing else", async () => {
    await step("install: helm uninstall", () =>
      release.helm("uninstall", "--wait", "--timeout", "120s"),
    );
    const kinds = "deployments,statefulsets,services,jobs,pods,networkpolicies,hpa,pdb,configmaps";
    await waitUntil(async () => (await list(kinds)).length === 0, {
      what: "an empty namespace",
      timeoutMs: 60_000,
    });
    expect(await list("secrets")).toEqual(["Secret fairlead-keys", "Secret fairlead-postgres"]);
    expect(await list("pvc", "")).toEqual([
      "PersistentVolumeClaim data-fairlead-nats-0",
      "PersistentVolumeClaim data-fairlead-postgres-0",
    ]);
  });

  it("takes up the data that was left, and leaves none when told", async () => {
    const key = await release.readSecret("fairlead-keys", "api-key");
    await step("install: again, on what was left", () => release.install({ keepData: false }));
    expect(await release.readSecret("fairlead-keys", "api-key")).toBe(key);
    await using client = await ClientPod.start(release.namespace, release.name);
    await client.start("again", { workers: 1, pauseMs: 200 });
    await waitUntil(async () => (await client.read("again")).some((it) => it.isComplete), {
      what: "an answer for the key of before",
      timeoutMs: 60_000,
    });
    await step("install: helm uninstall with its data", () =>
      release.helm("uninstall", "--wait", "--timeout", "120s"),
    );
    await waitUntil(async () => (await list("pvc", "")).length === 0, {
      what: "no volume left",
      timeoutMs: 60_000,
    });
    expect(await list("secrets")).toEqual([]);
  });

  async function list(kinds: string, selector?: string): Promise<string[]> {
    return await listObjects(release.namespace, kinds, selector);
  }
});
