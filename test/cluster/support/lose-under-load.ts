import { expect } from "vitest";
import type { Request } from "../../kill/load.ts";
import type { ClientPod } from "./client-pod.ts";
import { Release } from "./release.ts";
import { note, step } from "./step.ts";
import { waitUntil } from "./wait-until.ts";

const LOAD = { workers: 6, pauseMs: 50, timeoutMs: 30_000 };
/** Answers that say the platform works, before a loss and again after it. */
const GOOD_MIN = 30;
const LOAD_TIMEOUT_MS = 60_000;

/** Who takes requests with it when it is lost: those that were on it. The others take none. */
export const victims = [
  { component: "gateway", replicas: 2, losesRequests: true },
  { component: "adapter", replicas: 2, losesRequests: true },
  { component: "router", replicas: 2, losesRequests: false },
  { component: "ledger", replicas: 2, losesRequests: false },
  { component: "prober", replicas: 1, losesRequests: false },
  { component: "nats", replicas: 1, losesRequests: false },
  { component: "postgres", replicas: 1, losesRequests: false },
] as const;

/** A lost node's pods are given up after 5 s, not 300. */
const tolerations = ["not-ready", "unreachable"].map((state) => ({
  key: `node.kubernetes.io/${state}`,
  operator: "Exists",
  effect: "NoExecute",
  tolerationSeconds: 5,
}));

/** Two of each where two can be; the servers that are one each stay on the node that is named. */
export async function installReplicas(namespace: string, node: string): Promise<Release> {
  const stays = { nodeSelector: { "kubernetes.io/hostname": node } };
  const replicas = Object.fromEntries(
    victims
      .filter(({ component }) => component !== "nats" && component !== "postgres")
      .map((it) => [it.component, { replicas: it.replicas, tolerations }]),
  );
  const release = await Release.create(namespace);
  await step(`${namespace}: helm install`, () =>
    // One server each, on one node's disk: in production they are clusters of your own.
    release.install({ ...replicas, postgres: stays, nats: stays, simulator: stays }),
  );
  return release;
}

export interface Loss {
  readonly what: string;
  /** Resolves as soon as it is lost. */
  readonly lose: () => Promise<void>;
  /** Resolves when everything that was lost is there again. */
  readonly comeBack: () => Promise<void>;
  /** No request that begins later than this after the loss may fail. */
  readonly recoveryMs: number;
}

/** Runs load over a loss and notes what became of it. Resolves with its requests. */
export async function loseUnderLoad(
  client: ClientPod,
  { what, lose, comeBack, recoveryMs }: Loss,
): Promise<readonly Request[]> {
  const name = what.replaceAll(" ", "-");
  const options = { timeoutMs: LOAD_TIMEOUT_MS };
  await client.start(name, LOAD);
  await waitUntil(async () => (await client.read(name)).filter(isWhole).length > GOOD_MIN, {
    ...options,
    what: "load before the loss",
  });
  await lose();
  const lostAtMs = await client.now();
  await comeBack();
  const backAtMs = await client.now();
  await waitUntil(
    async () => {
      const requests = await client.read(name);
      return requests.filter((it) => isWhole(it) && it.startedAtMs > backAtMs).length > GOOD_MIN;
    },
    { ...options, what: "load after the loss" },
  );
  const requests = await client.stop(name);
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

function isWhole(request: Request): boolean {
  return request.isComplete;
}
