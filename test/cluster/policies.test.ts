import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { checkBooks } from "./support/check-books.ts";
import { ClientPod } from "./support/client-pod.ts";
import { imageOf } from "./support/images.ts";
import { getObject, kubectl } from "./support/kubectl.ts";
import { makeCertificate } from "./support/make-certificate.ts";
import { Release } from "./support/release.ts";
import { createRestrictedPod } from "./support/restricted-pod.ts";
import { hasCluster, step } from "./support/step.ts";
import { waitUntil } from "./support/wait-until.ts";

const SECRET = "service-certificates";
const PROBES_AT_ONCE = 3;
const API_SERVER = "kubernetes:443";

const ports = {
  gateway: [8080, 9090],
  router: [50051, 9090],
  adapter: [50051, 9090],
  ledger: [50051, 9090],
  prober: [9090],
  simulator: [9100],
  nats: [4222, 8222],
  postgres: [5432],
} as const;

/** The edges of the picture in ARCHITECTURE.md; the gateway is for everybody who may leave. */
const edges: Readonly<Record<string, readonly string[]>> = {
  // A pod of somebody else: its own namespace lets it out, ours lets it in nowhere else.
  stranger: ["gateway:8080"],
  gateway: ["adapter:50051", "ledger:50051", "nats:4222", "router:50051"],
  router: ["nats:4222"],
  adapter: ["nats:4222", "simulator:9100"],
  ledger: ["nats:4222", "postgres:5432"],
  prober: ["adapter:50051", "nats:4222", "router:50051"],
  migrate: ["postgres:5432"],
  simulator: [],
  postgres: [],
};

const report = z.object({
  open: z.array(z.string()),
  greetings: z.array(
    z.object({ name: z.string(), plain: z.string(), anonymous: z.string(), known: z.string() }),
  ),
});
type Report = z.output<typeof report>;

describe.skipIf(!hasCluster)("with mutual TLS and network policies", () => {
  let release: Release;
  const reports = new Map<string, Report>();

  beforeAll(async () => {
    release = await Release.create("fairlead-policies");
    await makeCertificate(release, SECRET);
    const tls = { enabled: true, secretName: SECRET };
    await step("policies: helm install", () => release.install({ global: { tls } }));
  });

  afterAll(async () => {
    await release?.[Symbol.asyncDispose]();
  });

  it("the platform answers", async () => {
    await using client = await ClientPod.start(release.namespace, release.name);
    await client.start("load", { workers: 2, pauseMs: 100 });
    await waitUntil(
      async () => (await client.read("load")).filter((it) => it.isComplete).length > 20,
      {
        what: "answers",
        timeoutMs: 60_000,
      },
    );
    const requests = await client.stop("load");
    expect(requests.filter((request) => !request.isComplete)).toEqual([]);
    await checkBooks(release, requests);
  });

  it("a pod reaches what the picture has, and nothing else", async () => {
    const targets = await listTargets();
    await step("policies: probe pods", async () => {
      // Each waits for what does not answer; a few at once, since each also starts a runtime.
      const components = Object.keys(edges);
      const takeProbes = async () => {
        for (let next = components.shift(); next !== undefined; next = components.shift()) {
          reports.set(next, await probe(next, targets));
        }
      };
      await Promise.all(Array.from({ length: PROBES_AT_ONCE }, takeProbes));
    });
    const open = Object.fromEntries([...reports].map(([name, it]) => [name, it.open.toSorted()]));
    const policed: Record<string, readonly string[]> = { ...edges };
    // No policy of ours selects the stranger, so the API server is open to it: the probe can tell.
    policed.stranger = [...(edges.stranger ?? []), API_SERVER];
    expect(open).toEqual(policed);
  });

  it("plaintext and strangers' TLS are refused, a service's certificate is not", () => {
    const greetings = [...reports.values()].flatMap((it) => it.greetings);
    expect(greetings.map(({ name }) => name).toSorted()).toEqual([
      "adapter:50051",
      "ledger:50051",
      "router:50051",
    ]);
    for (const { plain, anonymous, known, name } of greetings) {
      expect({ name, plain, anonymous, known }).toEqual({
        name,
        plain: "refused",
        anonymous: "refused",
        known: "answered",
      });
    }
  });

  async function listTargets(): Promise<{ name: string; host: string; port: number }[]> {
    const found = await Promise.all(
      Object.entries(ports).map(async ([component, numbers]) => {
        const [pod] = await release.pods(component);
        const host = pod?.status.podIP ?? "";
        return numbers.map((port) => ({ name: `${component}:${port}`, host, port }));
      }),
    );
    const schema = z.object({ spec: z.object({ clusterIP: z.string() }) });
    const { spec } = await getObject(schema, ["service", "kubernetes", "-n", "default"]);
    return [...found.flat(), { name: API_SERVER, host: spec.clusterIP, port: 443 }];
  }

  /** Runs a pod that wears a component's labels, so that its policies hold for it. */
  async function probe(
    component: string,
    targets: readonly { readonly name: string }[],
  ): Promise<Report> {
    const name = `probe-${component}`;
    const labels = {
      "app.kubernetes.io/name": component,
      "app.kubernetes.io/instance": release.name,
      "app.kubernetes.io/component": component,
      "app.kubernetes.io/part-of": "fairlead",
      ...(component === "adapter" && { "fairlead.dev/pool": "simulated" }),
    };
    const text = readFileSync(join(import.meta.dirname, "client/probe.ts"), "utf8");
    await createRestrictedPod({
      namespace: release.namespace,
      name,
      image: imageOf("gateway"),
      command: ["node", "/client/probe.ts"],
      env: {
        TARGETS: JSON.stringify(targets),
        ...(component !== "stranger" && { DENIED: API_SERVER }),
        ...(component === "gateway" && { GREET: "router:50051,adapter:50051,ledger:50051" }),
      },
      ...(component !== "stranger" && { labels }),
      files: { mountPath: "/client", files: [{ path: "probe.ts", text }] },
      secret: { mountPath: "/secrets", name: SECRET },
      isNeverReady: true,
    });
    const done = ["wait", "-n", release.namespace, `pod/${name}`, "--timeout=90s"];
    await kubectl([...done, "--for=jsonpath={.status.phase}=Succeeded"], { timeoutMs: 100_000 });
    return report.parse(JSON.parse(await kubectl(["logs", "-n", release.namespace, name])));
  }
});
