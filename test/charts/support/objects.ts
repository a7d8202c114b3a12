import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { renderFile } from "./helm.ts";
import { findValues } from "./examples.ts";

const texts = z.record(z.string(), z.string()).default({});
const amounts = z.strictObject({
  cpu: z.union([z.string(), z.number()]),
  memory: z.string(),
  "ephemeral-storage": z.string(),
});
const probe = z.looseObject({ httpGet: z.object({ path: z.string() }).optional() });

const container = z.looseObject({
  name: z.string(),
  image: z.string(),
  command: z.array(z.string()).default([]),
  args: z.array(z.string()).default([]),
  env: z.array(z.strictObject({ name: z.string(), value: z.string() })).default([]),
  resources: z.object({ requests: amounts, limits: amounts }),
  securityContext: z.record(z.string(), z.unknown()),
  startupProbe: probe.optional(),
  livenessProbe: probe.optional(),
  readinessProbe: probe.optional(),
});

const podSpec = z.looseObject({
  automountServiceAccountToken: z.literal(false),
  shareProcessNamespace: z.boolean().default(false),
  securityContext: z.record(z.string(), z.unknown()),
  containers: z.array(container).min(1),
  terminationGracePeriodSeconds: z.number().optional(),
  volumes: z.array(z.looseObject({ name: z.string() })).default([]),
});

const peer = z.looseObject({
  podSelector: z.object({ matchLabels: texts }).optional(),
  namespaceSelector: z.looseObject({}).optional(),
  ipBlock: z.object({ cidr: z.string(), except: z.array(z.string()).default([]) }).optional(),
});
const rules = z
  .array(
    z.object({
      ports: z.array(z.object({ port: z.union([z.number(), z.string()]) })),
      from: z.array(peer).optional(),
      to: z.array(peer).optional(),
    }),
  )
  .default([]);

export const schemas = {
  policy: z.object({
    podSelector: z.object({ matchLabels: texts }),
    policyTypes: z.array(z.string()),
    ingress: rules,
    egress: rules,
  }),
  scaler: z.looseObject({
    scaleTargetRef: z.object({ name: z.string() }),
    minReplicas: z.number().optional(),
    metrics: z.array(z.looseObject({ type: z.string() })).default([]),
  }),
  selected: z.looseObject({ selector: z.object({ matchLabels: texts }) }),
  service: z.looseObject({ selector: texts }),
  server: z.looseObject({ persistentVolumeClaimRetentionPolicy: texts }),
} as const;

const kubernetesObject = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), labels: texts, annotations: texts }),
  spec: z.unknown().optional(),
  data: z.record(z.string(), z.string()).optional(),
});

export type KubernetesObject = z.output<typeof kubernetesObject>;

/** A pod that some object makes, with what selectors see of it. */
export interface RenderedPod {
  readonly kind: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: z.output<typeof podSpec>;
}

/** The objects of a manifest. Throws where one is no object of Kubernetes. */
export function readObjects(manifest: string): KubernetesObject[] {
  return parseAllDocuments(manifest)
    .map((document) => document.toJS() as unknown)
    .filter((it) => it !== null)
    .map((it) => kubernetesObject.parse(it));
}

/** Every pod of a manifest. Throws where one lacks what all must have. */
export function readPods(objects: readonly KubernetesObject[]): RenderedPod[] {
  const template = z.object({
    metadata: z.object({ labels: texts }),
    spec: podSpec,
  });
  return objects.flatMap(({ kind, metadata, spec }) => {
    const { name } = metadata;
    if (kind === "Pod") {
      return [{ kind, name, labels: metadata.labels, spec: podSpec.parse(spec) }];
    }
    const found = z.object({ template }).safeParse(spec);
    if (["Deployment", "StatefulSet", "Job"].includes(kind)) {
      const made = found.data?.template ?? template.parse(spec);
      return [{ kind, name, labels: made.metadata.labels, spec: made.spec }];
    }
    return [];
  });
}

/** Whether every label of the selector is on the pod. */
export function selects(
  selector: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(selector).every(([name, value]) => labels[name] === value);
}

/** The objects of one example. */
export function renderObjects(example: string): KubernetesObject[] {
  const { output, errors, isSuccess } = renderFile(findValues(example));
  if (!isSuccess) {
    throw new Error(errors);
  }
  return readObjects(output);
}
