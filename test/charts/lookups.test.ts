import { describe, expect, it } from "vitest";
import { type ClusterObject, renderOnCluster, secret } from "./support/fake-cluster.ts";
import { hasHelm } from "./support/helm.ts";
import { readObjects } from "./support/objects.ts";

const tls = ["tls.crt", "tls.key", "ca.crt"];
const nats = {
  bundled: false,
  url: "tls://n",
  peers: [{ podSelector: {} }],
  tls: { secretName: "nats", clientCertificate: true },
};
const catalog = { configMaps: [{ name: "house", key: "house.yaml" }] };
const pool = { name: "a", providers: ["openai"] };
const house = (data: Readonly<Record<string, string>>): ClusterObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "house" },
  data,
});

/** What a release of the values needs, what of it is there, and what Helm says of the rest. */
const cases: readonly [
  name: string,
  values: object,
  there: readonly ClusterObject[],
  says: RegExp,
][] = [
  [
    "a certificate of one service",
    { global: { tls: { enabled: true, secretName: "all" } }, router: { tls: { secretName: "r" } } },
    [secret("all", ...tls)],
    /router\.tls names the Secret "r", which is not in the namespace "fairlead"/,
  ],
  [
    "a certificate of one pool without its key",
    {
      global: { tls: { enabled: true, secretName: "all" } },
      adapter: { pools: [{ ...pool, tls: { secretName: "p" } }] },
    },
    [secret("all", ...tls), secret("p", "tls.crt", "ca.crt")],
    /adapter\.pools, pool "a", tls names the Secret "p", which has no key "tls\.key"/,
  ],
  [
    "the certificate that NATS asks for",
    { global: { nats } },
    [secret("nats", "ca.crt")],
    /global\.nats\.tls names the Secret "nats", which has no key "tls\.crt"/,
  ],
  [
    "a pull Secret",
    { global: { image: { pullSecrets: ["registry"] } } },
    [],
    /global\.image\.pullSecrets names the Secret "registry", which is not in/,
  ],
  [
    "a catalog's ConfigMap",
    { global: { catalog } },
    [],
    /global\.catalog\.configMaps names the ConfigMap "house", which is not in/,
  ],
  [
    "a catalog's file",
    { global: { catalog } },
    [house({ "other.yaml": "" })],
    /global\.catalog\.configMaps names the ConfigMap "house", which has no key "house\.yaml"/,
  ],
  [
    "the key of helm test",
    { test: { keySecret: { name: "tester" } } },
    [secret("tester")],
    /test\.keySecret names the Secret "tester", which has no key "api-key"/,
  ],
];

describe.skipIf(!hasHelm)("what a cluster lacks", () => {
  it.each(cases)("%s: Helm says so", async (_, values, there, says) => {
    const { isSuccess, errors } = await renderOnCluster(values, there);
    expect(errors).toMatch(says);
    expect(isSuccess).toBe(false);
  });

  it("is not missed where all is there, or not used", async () => {
    const values = {
      global: { nats, catalog, image: { pullSecrets: ["registry"] } },
      // Without TLS nobody reads it.
      router: { tls: { secretName: "r" } },
    };
    const there = [secret("nats", ...tls), secret("registry"), house({ "house.yaml": "" })];
    const { isSuccess, errors } = await renderOnCluster(values, there);
    expect(errors).toBe("");
    expect(isSuccess).toBe(true);
  });
});

describe.skipIf(!hasHelm)("the number of pods, when an autoscaler takes over", () => {
  const values = { gateway: { autoscaling: { enabled: true, minReplicas: 3 } } };
  const name = "fairlead-gateway";
  const live = (annotations: Readonly<Record<string, string>>, replicas = 7): ClusterObject => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, annotations },
    spec: { replicas },
  });
  const renderDeployment = async (...there: readonly ClusterObject[]) => {
    const { output, errors } = await renderOnCluster(values, there);
    const found = readObjects(output).find(
      (it) => it.kind === "Deployment" && it.metadata.name === name,
    );
    expect(found, errors).toBeDefined();
    return found;
  };

  it("stays what it is: a Deployment that loses its number falls to one pod", async () => {
    const taken = await renderDeployment(live({}));
    expect(taken?.spec).toHaveProperty("replicas", 7);
    // And so at the next upgrade: this one wrote a number too.
    const again = await renderDeployment(live(taken?.metadata.annotations ?? {}));
    expect(again?.spec).toHaveProperty("replicas", 7);
  });

  it("is the autoscaler's least where fewer run, or none, which an autoscaler leaves alone", async () => {
    const { spec } = (await renderDeployment(live({}, 0))) ?? {};
    expect(spec).toHaveProperty("replicas", 3);
  });

  it("is the autoscaler's alone where it always was", async () => {
    const first = await renderDeployment();
    expect(first?.spec).not.toHaveProperty("replicas");
    const next = await renderDeployment(live(first?.metadata.annotations ?? {}));
    expect(next?.spec).not.toHaveProperty("replicas");
  });
});
