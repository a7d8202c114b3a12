import { z } from "zod";
import { type RunOptions, runProgram } from "./run-program.ts";

const TIMEOUT_MS = 60_000;

/** Runs kubectl against the cluster of KUBECONFIG. Returns what it printed. */
export function kubectl(
  args: readonly string[],
  { timeoutMs = TIMEOUT_MS, input }: Partial<Pick<RunOptions, "timeoutMs" | "input">> = {},
): Promise<string> {
  return runProgram("kubectl", args, { timeoutMs, ...(input !== undefined && { input }) });
}

/** Reads objects as the schema describes them. */
export async function getObject<T>(schema: z.ZodType<T>, args: readonly string[]): Promise<T> {
  return schema.parse(JSON.parse(await kubectl(["get", ...args, "--output", "json"])));
}

/** The objects of some kinds (`pods,jobs`) that a selector finds, each as `Kind name`, sorted. */
export async function listObjects(
  namespace: string,
  kinds: string,
  selector = "app.kubernetes.io/part-of=fairlead",
): Promise<string[]> {
  const list = z.object({
    items: z.array(z.object({ kind: z.string(), metadata: z.object({ name: z.string() }) })),
  });
  const { items } = await getObject(list, [kinds, "-n", namespace, "--selector", selector]);
  return items.map(({ kind, metadata }) => `${kind} ${metadata.name}`).toSorted();
}

/** Removes a namespace, if it is there, and waits until it is gone. */
export async function removeNamespace(name: string): Promise<void> {
  const flags = ["--ignore-not-found", "--timeout=60s"];
  await kubectl(["delete", "namespace", name, ...flags], { timeoutMs: 70_000 });
}

const podSchema = z.object({
  metadata: z.object({
    name: z.string(),
    uid: z.string(),
    creationTimestamp: z.string(),
    deletionTimestamp: z.string().optional(),
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
  spec: z.object({ nodeName: z.string().optional() }),
  status: z.object({
    phase: z.string(),
    podIP: z.string().optional(),
    conditions: z
      .array(z.object({ type: z.string(), status: z.string(), lastTransitionTime: z.string() }))
      .default([]),
    containerStatuses: z
      .array(z.object({ restartCount: z.number(), containerID: z.string().default("") }))
      .default([]),
  }),
});

export type Pod = z.output<typeof podSchema>;

export async function getPods(namespace: string, selector: string): Promise<Pod[]> {
  const list = z.object({ items: z.array(podSchema) });
  const { items } = await getObject(list, ["pods", "-n", namespace, "-l", selector]);
  return items;
}

export function isReady(pod: Pod): boolean {
  const ready = pod.status.conditions.find(({ type }) => type === "Ready");
  return ready?.status === "True" && pod.metadata.deletionTimestamp === undefined;
}

/** The names of the cluster's nodes, in their order. */
export async function listNodes(): Promise<string[]> {
  const list = z.object({
    items: z.array(z.object({ metadata: z.object({ name: z.string() }) })),
  });
  const { items } = await getObject(list, ["nodes"]);
  return items.map(({ metadata }) => metadata.name).toSorted();
}
