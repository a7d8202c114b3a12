import { describe, expect, it } from "vitest";
import { cases } from "./support/examples.ts";
import { hasHelm } from "./support/helm.ts";
import { readPods, renderObjects, schemas, selects } from "./support/objects.ts";

const METADATA_SERVICE = "169.254.0.0/16";
const component = (labels: Readonly<Record<string, string>>) =>
  labels["app.kubernetes.io/component"] ?? "?";

/** The edges of the picture in ARCHITECTURE.md, between pods of the release: from, to, port. */
const edges = [
  "adapter > nats:4222",
  "adapter > simulator:9100",
  "first-key > postgres:5432",
  "gateway > adapter:50051",
  "gateway > ledger:50051",
  "gateway > nats:4222",
  "gateway > router:50051",
  "ledger > nats:4222",
  "ledger > postgres:5432",
  "migrate > postgres:5432",
  "prober > adapter:50051",
  "prober > nats:4222",
  "prober > router:50051",
  "router > nats:4222",
  "test > gateway:8080",
];

describe.skipIf(!hasHelm).each(cases)("network policies of %s", (name) => {
  const objects = hasHelm ? renderObjects(name) : [];
  const pods = readPods(objects);
  const policies = objects
    .filter((it) => it.kind === "NetworkPolicy")
    .map((it) => ({ name: it.metadata.name, ...schemas.policy.parse(it.spec) }));
  const present = new Set(pods.map((pod) => component(pod.labels)));

  it("deny both ways for every pod, and one more policy names its edges", () => {
    for (const pod of pods) {
      const own = policies.filter((it) => selects(it.podSelector.matchLabels, pod.labels));
      expect(own.map((it) => it.policyTypes)).toEqual([
        ["Ingress", "Egress"],
        ["Ingress", "Egress"],
      ]);
      expect(own.map((it) => it.name)).toContain("fairlead-default-deny");
    }
    const deny = policies.find((it) => it.name === "fairlead-default-deny");
    expect(deny).toMatchObject({ ingress: [], egress: [] });
  });

  it("allow exactly the edges of the picture, at both of their ends", () => {
    const expected = edges.filter((edge) => {
      const [from = "", to = ""] = edge.split(/ > |:/);
      return present.has(from) && present.has(to);
    });
    const list = (direction: "ingress" | "egress") =>
      policies.flatMap((policy) =>
        policy[direction].flatMap((rule) =>
          (rule.from ?? rule.to ?? []).flatMap(({ podSelector, namespaceSelector }) => {
            if (podSelector === undefined || namespaceSelector !== undefined) {
              return [];
            }
            const other = component(podSelector.matchLabels);
            const own = component(findLabels(policy.podSelector.matchLabels));
            const [from, to] = direction === "egress" ? [own, other] : [other, own];
            return rule.ports.map(({ port }) => `${from} > ${to}:${port}`);
          }),
        ),
      );
    const known = (edge: string) =>
      edge
        .split(/ > |:/)
        .slice(0, 2)
        .every((it) => present.has(it));
    expect([...new Set(list("egress"))].toSorted()).toEqual(expected);
    // Who does not exist in a case may still be named by who would be called.
    expect(new Set(list("ingress").filter(known))).toEqual(
      new Set(expected.filter((edge) => !isOpen(edge))),
    );
  });

  it("let adapters alone outside, and nobody to a cloud's metadata service", () => {
    const operators = new Set(["postgres", "nats"].filter((it) => !present.has(it)));
    for (const policy of policies) {
      for (const rule of policy.egress) {
        expect(rule.to?.length, `${policy.name} reaches everything`).toBeGreaterThan(0);
        for (const { ipBlock } of rule.to ?? []) {
          if (ipBlock === undefined) {
            continue;
          }
          const own = component(findLabels(policy.podSelector.matchLabels));
          const isWide = ipBlock.cidr.endsWith("/0");
          expect(own === "adapter" || (!isWide && operators.size > 0), policy.name).toBe(true);
          expect(!isWide || ipBlock.except.includes(METADATA_SERVICE), policy.name).toBe(true);
        }
      }
    }
  });

  it("let the scraper read metrics of every pod that says it has some", () => {
    for (const { kind, labels, spec } of pods) {
      const hasMetrics = spec.containers.some((it) => JSON.stringify(it).includes('"ops"'));
      if (kind !== "Deployment" || !hasMetrics) {
        continue;
      }
      const rules = policies
        .filter((it) => selects(it.podSelector.matchLabels, labels))
        .flatMap((it) => it.ingress);
      expect(rules).toContainEqual({
        ports: [{ port: 9090 }],
        from: [
          { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } } },
        ],
      });
    }
  });

  function findLabels(
    selector: Readonly<Record<string, string>>,
  ): Readonly<Record<string, string>> {
    return pods.find(({ labels }) => selects(selector, labels))?.labels ?? {};
  }

  /** A gateway whose clients are not named takes everybody's calls. */
  function isOpen(edge: string): boolean {
    const gateway = policies.find((it) => it.name === "fairlead-gateway");
    const rule = gateway?.ingress.find(({ ports }) => ports[0]?.port === 8080);
    return edge.includes("> gateway:") && rule?.from === undefined;
  }
});
