import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readCatalog } from "@fairlead/catalog";
import { parseApiKey } from "@fairlead/kit";
import { describe, expect, it } from "vitest";
import { cases } from "./support/examples.ts";
import { hasHelm, render } from "./support/helm.ts";
import { readObjects, readPods, renderObjects, schemas, selects } from "./support/objects.ts";

/** Between the drain's end and the kill: what the process takes to close, and some to spare. */
const SPARE_SECONDS = 10;

describe.skipIf(!hasHelm).each(cases)("%s", (name) => {
  const objects = hasHelm ? renderObjects(name) : [];
  const pods = readPods(objects);

  it("runs every pod under the restricted standard, with a read-only root", () => {
    expect(pods.length).toBeGreaterThan(5);
    for (const pod of pods) {
      expect(pod.spec.securityContext, pod.name).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: "RuntimeDefault" },
      });
      for (const container of pod.spec.containers) {
        expect(container.securityContext, pod.name).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          runAsNonRoot: true,
          capabilities: { drop: ["ALL"] },
        });
      }
      for (const volume of pod.spec.volumes) {
        const allowed = ["name", "emptyDir", "secret", "configMap", "projected"];
        expect(allowed, `${pod.name}: ${volume.name}`).toEqual(
          expect.arrayContaining(Object.keys(volume)),
        );
      }
    }
  });

  it("gives secrets as files: none is in an argument or a variable", () => {
    for (const { spec, name: pod } of pods) {
      for (const { env, command, args } of spec.containers) {
        for (const variable of env) {
          const { name: variableName } = variable;
          const isPath = /(_FILE|_TLS_KEY)$/.test(variableName);
          const isSecret = /KEY|PASSWORD|SECRET|TOKEN|PEPPER|DATABASE_URL/.test(variableName);
          expect(!isSecret || isPath, `${pod} ${variableName}`).toBe(true);
          expect(!isPath || variable.value.startsWith("/etc/fairlead/")).toBe(true);
          expect(variable.value).not.toMatch(/:\/\/[^/\s]*@/);
        }
        expect([...command, ...args].join(" ")).not.toMatch(/password|secret|sk-/i);
      }
    }
  });

  it("asks about start, life and readiness apart, and life of no dependency", () => {
    for (const { kind, spec, name: pod } of pods) {
      for (const container of kind === "Deployment" ? spec.containers : []) {
        const { startupProbe, livenessProbe, readinessProbe } = container;
        expect(startupProbe?.httpGet?.path, pod).toBe(livenessProbe?.httpGet?.path);
        expect(livenessProbe?.httpGet?.path, pod).toMatch(/^\/(livez|control\/counts)$/);
        expect(readinessProbe?.httpGet?.path, pod).toMatch(/^\/(readyz|openai\/v1\/models)$/);
      }
    }
  });

  it("lets a pod end that is told to while it starts: process 1 would not hear it", () => {
    for (const { spec, name: pod } of pods) {
      expect(spec.shareProcessNamespace, pod).toBe(true);
    }
  });

  it("lets a pod drain before it is killed", () => {
    const services = pods.filter(({ kind, labels }) => {
      return kind === "Deployment" && labels["app.kubernetes.io/name"] !== "simulator";
    });
    expect(services.length).toBeGreaterThan(3);
    for (const { spec, name: pod } of services) {
      const env = new Map(spec.containers[0]?.env.map((it) => [it.name, it.value]));
      const drainMs = Number(env.get("DRAIN_DELAY_MS")) + Number(env.get("DRAIN_TIMEOUT_MS"));
      expect(Number(env.get("DRAIN_DELAY_MS")), pod).toBeGreaterThanOrEqual(1_000);
      expect(spec.terminationGracePeriodSeconds, pod).toBe(drainMs / 1_000 + SPARE_SECONDS);
    }
  });

  it("gives each Deployment a budget and a Service that find its pods, and only them", () => {
    for (const kind of ["PodDisruptionBudget", "Service"] as const) {
      for (const { metadata, spec } of objects.filter((it) => it.kind === kind)) {
        const selector =
          kind === "Service"
            ? schemas.service.parse(spec).selector
            : schemas.selected.parse(spec).selector.matchLabels;
        const found = pods.filter(({ labels }) => selects(selector, labels));
        expect(found.map((pod) => pod.name)).toEqual([metadata.name.replace(/-ops$/, "")]);
      }
    }
    const budgets = objects.filter((it) => it.kind === "PodDisruptionBudget");
    const deployments = objects.filter((it) => /^(Deployment|StatefulSet)$/.test(it.kind));
    expect(budgets.map((it) => it.metadata.name).toSorted()).toEqual(
      deployments.map((it) => it.metadata.name).toSorted(),
    );
  });

  it("leaves the number of pods to the autoscaler where there is one", () => {
    const scalers = objects.filter((it) =>
      /^(HorizontalPodAutoscaler|ScaledObject)$/.test(it.kind),
    );
    for (const { spec, metadata } of scalers) {
      const target = schemas.scaler.parse(spec).scaleTargetRef.name;
      const deployment = objects.find(
        (it) => it.kind === "Deployment" && it.metadata.name === target,
      );
      expect(deployment, metadata.name).toBeDefined();
      expect(deployment?.spec).not.toHaveProperty("replicas");
    }
  });

  it("aims at what docs/operations.md advises: 1,000 streams a pod, a share of a CPU asked for", () => {
    for (const { spec, metadata } of objects.filter((it) => /Autoscaler|Scaled/.test(it.kind))) {
      const scaler = schemas.scaler.parse(spec);
      const pod = pods.find((it) => it.name === scaler.scaleTargetRef.name);
      const { cpu } = pod?.spec.containers[0]?.resources.requests ?? {};
      const isOnCpu = scaler.metrics.some(({ type }) => type === "Resource");
      expect(!isOnCpu || Number(cpu) >= 1, `${metadata.name} asks for ${cpu}`).toBe(true);
      const aims = JSON.stringify(spec).matchAll(/"(?:averageValue|threshold)":"(\d+)"/g);
      for (const [, streams] of aims) {
        expect(Number(streams), metadata.name).toBeLessThanOrEqual(1_000);
      }
    }
  });

  it("labels everything as one platform", () => {
    for (const { kind, metadata } of objects) {
      expect(metadata.labels, `${kind} ${metadata.name}`).toMatchObject({
        "app.kubernetes.io/instance": "fairlead",
        "app.kubernetes.io/part-of": "fairlead",
        "app.kubernetes.io/managed-by": "Helm",
        "app.kubernetes.io/name": expect.any(String),
        "app.kubernetes.io/component": expect.any(String),
        "app.kubernetes.io/version": "0.1.0",
      });
    }
  });
});

describe.skipIf(!hasHelm).each(["production", "ha"])("%s", (name) => {
  it("serves real providers to keys that were made by hand", () => {
    const names = readPods(hasHelm ? renderObjects(name) : []).map((pod) => pod.name);
    expect(names.filter((it) => /simulator|simulated|first-key/.test(it))).toEqual([]);
    expect(names).toContain("fairlead-adapter-openai");
  });
});

describe.skipIf(!hasHelm)("generated objects", () => {
  const find = (objects: ReturnType<typeof readObjects>, kind: string, name: string) =>
    objects.find((it) => it.kind === kind && it.metadata.name === name);

  it("the first API key is one that the services take, another one each time", () => {
    const texts = [1, 2, 3].map(() => {
      const secret = find(renderObjects("default"), "Secret", "fairlead-keys");
      return Buffer.from(secret?.data?.["api-key"] ?? "", "base64").toString();
    });
    expect(texts.map(parseApiKey)).toEqual(["inference", "inference", "inference"]);
    expect(new Set(texts).size).toBe(3);
  });

  it("the catalog of the simulator has no fault", () => {
    const folder = mkdtempSync(join(tmpdir(), "fairlead-catalog-"));
    try {
      const catalog = find(renderObjects("default"), "ConfigMap", "fairlead-catalog");
      const path = join(folder, "simulated.yaml");
      writeFileSync(path, catalog?.data?.["simulated.yaml"] ?? "");
      expect(readCatalog([path]).faults).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("migrates before pods roll: by a hook, and beside the bundled server at its first install", () => {
    const hookOf = (example: string) =>
      find(renderObjects(example), "Job", "fairlead-migrate")?.metadata.annotations["helm.sh/hook"];
    expect(hookOf("production")).toBe("pre-install,pre-upgrade");
    expect(hookOf("default")).toBe("pre-upgrade");
    const first = find(renderObjects("default"), "Job", "fairlead-migrate-first");
    expect(first?.metadata.annotations).toEqual({});
    const upgrade = readObjects(render({}, "--is-upgrade").output);
    expect(find(upgrade, "Job", "fairlead-migrate-first")).toBeUndefined();
    expect(find(upgrade, "Job", "fairlead-migrate")).toBeDefined();
  });

  it("gives the hook Job a policy of its own time: there before it, and gone after it", () => {
    const annotationsOf = (values: object, ...more: readonly string[]) =>
      ["NetworkPolicy", "Job"].map((kind) => {
        const { output } = render(values, ...more);
        return find(readObjects(output), kind, "fairlead-migrate")?.metadata.annotations ?? {};
      });
    const own = {
      global: {
        postgres: { bundled: false, urlSecret: { name: "db" }, peers: [{ podSelector: {} }] },
      },
    };
    for (const [policy, job] of [annotationsOf(own), annotationsOf({}, "--is-upgrade")]) {
      expect(policy?.["helm.sh/hook"]).toBe(job?.["helm.sh/hook"]);
      expect(Number(policy?.["helm.sh/hook-weight"])).toBeLessThan(
        Number(job?.["helm.sh/hook-weight"]),
      );
      expect(policy?.["helm.sh/hook-delete-policy"]).toBe("before-hook-creation,hook-succeeded");
    }
    // The first install beside the bundled server runs no hook: its Job's policy goes with the
    // release.
    expect(annotationsOf({})[0]).toEqual({});
  });

  it("removes the hook Job, which no uninstall does, an hour after it failed", () => {
    const { spec } = find(renderObjects("production"), "Job", "fairlead-migrate") ?? {};
    expect(spec).toHaveProperty("ttlSecondsAfterFinished", 3_600);
    const release = find(renderObjects("default"), "Job", "fairlead-migrate-first");
    expect(release?.spec).not.toHaveProperty("ttlSecondsAfterFinished");
  });

  it("a pool has its own autoscaler and limits over those of all pools", () => {
    const objects = renderObjects("production");
    const pools = ["openai", "anthropic", "rack"].map((pool) => `fairlead-adapter-${pool}`);
    const scalers = pools.map((pool) => find(objects, "HorizontalPodAutoscaler", pool)?.spec);
    expect(scalers).toEqual([
      expect.objectContaining({ minReplicas: 2, maxReplicas: 20 }),
      expect.objectContaining({ minReplicas: 2, maxReplicas: 50 }),
      expect.objectContaining({ minReplicas: 2, maxReplicas: 20 }),
    ]);
    expect(scalers[1]).toHaveProperty("metrics", [
      {
        type: "Pods",
        pods: {
          metric: { name: "fairlead_adapter_streams" },
          target: { type: "AverageValue", averageValue: "400" },
        },
      },
    ]);
  });

  it("uninstalling keeps data and the secrets that open it, unless told not to", () => {
    const kept = (keepData: boolean) => {
      const objects = readObjects(render({ keepData }).output);
      const secrets = objects.filter((it) => it.kind === "Secret");
      const servers = objects.filter((it) => it.kind === "StatefulSet");
      return [
        ...secrets.map((it) => it.metadata.annotations["helm.sh/resource-policy"] ?? "gone"),
        ...servers.map((it) => schemas.server.parse(it.spec).persistentVolumeClaimRetentionPolicy),
      ];
    };
    const policy = (whenDeleted: string) => ({ whenDeleted, whenScaled: "Retain" });
    expect(kept(true)).toEqual(["keep", "keep", policy("Retain"), policy("Retain")]);
    expect(kept(false)).toEqual(["gone", "gone", policy("Delete"), policy("Delete")]);
  });
});
