import { describe, expect, it } from "vitest";
import { expectFault, type Fault } from "./support/expect-fault.ts";
import { hasHelm, KUBERNETES, runHelm, umbrella } from "./support/helm.ts";

const ownPostgres = { bundled: false, urlSecret: { name: "db" }, peers: [{ podSelector: {} }] };
const pool = (more: object) => ({
  adapter: { pools: [{ name: "a", providers: ["openai"], ...more }] },
});
const key = { env: "OPENAI_API_KEY", secretName: "keys", key: "openai" };

/** Values that cannot work, and what Helm says of them. */
const faults: readonly Fault[] = [
  { name: "an unknown value", values: { gatway: {} }, says: /at '': .*'gatway' not allowed/ },
  {
    name: "an unknown value of a service",
    values: { gateway: { replica: 2 } },
    says: /gateway:\n- at '': .*'replica' not allowed/,
  },
  {
    name: "an unknown global value",
    values: { global: { drain: { secs: 9 } } },
    says: /at '\/global\/drain': .*'secs' not allowed/,
  },
  {
    name: "an unknown value of a pool",
    values: pool({ replica: 2 }),
    says: /adapter:\n- at '\/pools\/0': .*'replica' not allowed/,
  },
  {
    name: "a text for a number",
    values: { router: { replicas: "two" } },
    says: /router:\n- at '\/replicas': got string, want integer/,
  },
  {
    name: "a pool without providers",
    values: { adapter: { pools: [{ name: "a" }] } },
    says: /at '\/pools\/0': missing property 'providers'/,
  },
  {
    name: "an empty list of providers",
    values: pool({ providers: [] }),
    says: /\/pools\/0\/providers'.*minItems/,
  },
  { name: "no pool", values: { adapter: { pools: [] } }, says: /at '\/pools'.*minItems/ },
  {
    name: "two pools of one name",
    values: { adapter: { pools: [1, 2].map(() => ({ name: "a", providers: ["openai"] })) } },
    says: /adapter\.pools has two pools of the name "a"/,
  },
  {
    name: "a pool of simulated providers without the simulator",
    values: { global: { simulator: { enabled: false } } },
    says: /pool "simulated" has only simulated providers, but global\.simulator\.enabled is false/,
  },
  {
    name: "a credential without a Secret",
    values: pool({ credentials: [{ env: "OPENAI_API_KEY", key: "openai" }] }),
    says: /\/pools\/0\/credentials\/0': missing property 'secretName'/,
  },
  {
    name: "a credential given twice",
    values: pool({ credentials: [key, key] }),
    says: /names one variable twice in its credentials: OPENAI_API_KEY/,
  },
  {
    name: "a credential in plain sight",
    values: pool({ env: { OPENAI_API_KEY: "sk-x" }, credentials: [key] }),
    says: /has OPENAI_API_KEY both in env and in credentials/,
  },
  {
    name: "a setting that no service has",
    values: { gateway: { settings: { KEY_PEPPER: "x" } } },
    says: /at '\/settings': .*'KEY_PEPPER' not allowed/,
  },
  {
    name: "Postgres outside without a Secret",
    values: { global: { postgres: { bundled: false } } },
    says: /set global\.postgres\.urlSecret\.name to the Secret/,
  },
  {
    name: "Postgres outside without its place",
    values: { global: { postgres: { ...ownPostgres, peers: [] } } },
    says: /set global\.postgres\.peers to where your Postgres is/,
  },
  {
    name: "Postgres both bundled and outside",
    values: { global: { postgres: { ...ownPostgres, bundled: true } } },
    says: /set global\.postgres\.bundled to false, or leave the Secret out/,
  },
  {
    name: "NATS outside without an address",
    values: { global: { nats: { bundled: false } } },
    says: /set global\.nats\.url, or global\.nats\.urlSecret\.name/,
  },
  {
    name: "NATS outside without its place",
    values: { global: { nats: { bundled: false, url: "nats://n:4222" } } },
    says: /set global\.nats\.peers to where your NATS is/,
  },
  {
    name: "a password in the address of NATS",
    values: { global: { nats: { bundled: false, url: "nats://user:password@n:4222" } } },
    says: /at '\/global\/nats\/url': .*does not match pattern/,
  },
  {
    name: "three copies on the bundled NATS",
    values: { global: { nats: { replicas: 3 } } },
    says: /the bundled NATS is one server/,
  },
  {
    name: "mutual TLS without certificates",
    values: { global: { tls: { enabled: true } } },
    says: /global\.tls\.enabled needs certificates, and gateway has none/,
  },
  {
    name: "mutual TLS with two sources of certificates",
    values: {
      global: { tls: { enabled: true, secretName: "a", certManager: { issuerName: "b" } } },
    },
    says: /global\.tls\.secretName and global\.tls\.certManager\.issuerName are both set/,
  },
  {
    name: "fewer pods at most than at least",
    values: { gateway: { autoscaling: { enabled: true, minReplicas: 9, maxReplicas: 3 } } },
    says: /gateway: autoscaling\.minReplicas \(9\) is above autoscaling\.maxReplicas \(3\)/,
  },
  {
    name: "streams of a service that holds none",
    values: { router: { autoscaling: { enabled: true, metric: "streams" } } },
    says: /router:\n- at '\/autoscaling': .*'metric' not allowed/,
  },
  {
    name: "KEDA without a Prometheus",
    values: { adapter: { autoscaling: { enabled: true, metric: "keda" } } },
    says: /set global\.keda\.prometheusAddress/,
  },
  {
    name: "a route without a Gateway",
    values: { httpRoute: { enabled: true } },
    says: /httpRoute\.enabled needs httpRoute\.parentRefs/,
  },
  {
    name: "a certificate for no name",
    values: { ingress: { enabled: true, tlsSecretName: "a" } },
    says: /ingress\.tlsSecretName needs ingress\.host/,
  },
  {
    name: "a priority class without a name",
    values: { priorityClass: { create: true } },
    says: /priorityClass\.create needs global\.priorityClassName/,
  },
  {
    name: "an image that changes under its tag",
    values: { global: { image: { tag: "latest" } } },
    says: /at '\/global\/image\/tag'/,
  },
  {
    name: "two catalog files of one name",
    values: {
      global: {
        catalog: {
          files: { "a.yaml": "providers: []" },
          configMaps: [{ name: "c", key: "a.yaml" }],
        },
      },
    },
    says: /Two catalog files have one name/,
  },
  {
    name: "a value of the library",
    values: { common: { drain: 1 } },
    says: /at '\/common': .*'drain' not allowed/,
  },
  {
    name: "an unknown value of a simulator that is off",
    values: {
      global: { simulator: { enabled: false } },
      ...pool({}),
      simulator: { replicaz: 2 },
    },
    says: /at '\/simulator': .*'replicaz' not allowed/,
  },
  {
    name: "an affinity of a mistyped kind",
    values: { gateway: { affinity: { podAffinity: { required: [] } } } },
    says: /at '\/affinity\/podAffinity': .*'required' not allowed/,
  },
  {
    name: "a unit in a setting of milliseconds",
    values: { gateway: { settings: { REQUEST_TIMEOUT_MS: "15m" } } },
    says: /at '\/settings\/REQUEST_TIMEOUT_MS': .*pattern/,
  },
  {
    name: "a drain too short for its delay",
    values: { global: { drain: { seconds: 3 } } },
    says: /at '\/global\/drain\/seconds': minimum: got 3, want 4/,
  },
  {
    name: "nobody to ask for names",
    values: { global: { networkPolicy: { dns: [] } } },
    says: /at '\/global\/networkPolicy\/dns': minItems/,
  },
  {
    name: "traces for nobody",
    values: { global: { otlp: { endpoint: "http://c:4318", peers: [] } } },
    says: /at '\/global\/otlp\/peers': minItems/,
  },
];

describe.skipIf(!hasHelm)("values that cannot work", () => {
  it.each(faults)("$name: Helm says so", expectFault);

  it("refuses names that Kubernetes would", () => {
    const release = "r".repeat(53);
    const { errors } = runHelm(["template", release, umbrella, "--kube-version", KUBERNETES]);
    expect(errors).toMatch(/r-adapter-simulated has 71 characters, and Kubernetes allows 63/);
  });

  it("refuses names of pods that no query of KEDA finds, since Kubernetes cuts them", () => {
    const errorsOf = (release: string) => {
      const scaling = ["adapter.autoscaling.enabled=true", "adapter.autoscaling.metric=keda"];
      const set = [...scaling, "global.keda.prometheusAddress=http://p:9090"].join(",");
      const options = ["--kube-version", KUBERNETES, "--set", set];
      return runHelm(["template", release, umbrella, ...options]).errors;
    };
    const longest = 46 - "-adapter-simulated".length;
    expect(errorsOf("r".repeat(longest))).toBe("");
    expect(errorsOf("r".repeat(longest + 1))).toMatch(/has 47 characters, and Kubernetes cuts/);
  });
});
