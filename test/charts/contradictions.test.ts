import { describe, expect, it } from "vitest";
import { expectFault, type Fault } from "./support/expect-fault.ts";
import { hasHelm, render } from "./support/helm.ts";
import { readObjects, schemas } from "./support/objects.ts";

const ownNats = {
  bundled: false,
  url: "nats://a:4333,nats://b:4333",
  peers: [{ podSelector: {} }],
};
const pool = (more: object) => ({
  adapter: { pools: [{ name: "a", providers: ["openai"], ...more }] },
});
const key = { env: "OPENAI_API_KEY", secretName: "keys", key: "openai" };

/** Values that are well formed, and contradict each other or the platform. */
const faults: readonly Fault[] = [
  {
    name: "a key of a provider in plain sight",
    values: pool({ env: { OPENAI_API_KEY: "sk-x" } }),
    says: /pool "a" has OPENAI_API_KEY in env, where everybody reads it: .* in credentials/,
  },
  {
    name: "a variable of the chart's own in a pool",
    values: pool({ env: { ADAPTER_POOL: "b" } }),
    says: /pool "a" names ADAPTER_POOL in env, which is the chart's to set/,
  },
  {
    name: "a credential for a variable of the chart's own",
    values: pool({ credentials: [{ ...key, env: "NATS_URL" }] }),
    says: /pool "a" names NATS_URL in credentials, which is the chart's to set/,
  },
  {
    name: "more memory asked for than allowed",
    values: { router: { resources: { requests: { memory: "2Gi" } } } },
    says: /router: resources\.requests\.memory \(2Gi\) is above resources\.limits\.memory \(.*\)/,
  },
  {
    name: "more CPU asked for than a Job may have",
    values: { ledger: { jobResources: { requests: { cpu: "1500m" } } } },
    says: /migrate: jobResources\.requests\.cpu \(1500m\) is above jobResources\.limits\.cpu \(1\)/,
  },
  {
    name: "a spool beyond its volume",
    values: { gateway: { settings: { SPOOL_BYTES_MAX: 1_073_741_824 } } },
    says: /gateway\.spoolSize \(512Mi\) is below SPOOL_BYTES_MAX \(1073741824\)/,
  },
  {
    name: "a volume of the spool beyond what the pod may write",
    values: { gateway: { spoolSize: "2Gi" } },
    says: /gateway\.spoolSize \(2Gi\) is above gateway\.resources\.limits\.ephemeral-storage \(1Gi\)/,
  },
  {
    name: "streams beyond the volume of the bundled NATS",
    values: { nats: { storage: { size: "8Gi" } } },
    says: /nats\.fileStore \(9GB\) is above nats\.storage\.size \(8Gi\)/,
  },
  {
    name: "a stream of bills that the bundled NATS has no room for",
    values: { ledger: { settings: { USAGE_STREAM_MAX_BYTES: 5_368_709_120 } } },
    says: /nats\.fileStore \(9GB\) has no room .* USAGE_STREAM_MAX_BYTES \(5368709120\) twice/,
  },
  {
    name: "two ports of NATS",
    values: { global: { nats: { ...ownNats, port: 5222 } } },
    says: /global\.nats\.port is 5222, but global\.nats\.url has 4333/,
  },
];

describe.skipIf(!hasHelm)("values that contradict each other", () => {
  it.each(faults)("$name: Helm says so", expectFault);

  it("a stream of bills may take half of what the bundled NATS takes", () => {
    const settings = { USAGE_STREAM_MAX_BYTES: 1_073_741_824, USAGE_STREAM_MAX_AGE_DAYS: 30 };
    const { output, errors } = render({ ledger: { settings }, nats: { fileStore: "4GB" } });
    expect(errors).toBe("");
    expect(output).toMatch(/name: USAGE_STREAM_MAX_BYTES\n *value: "1073741824"/);
  });

  it("the policies let out to the ports that the URL of NATS has", () => {
    const portsOf = (url: string) => {
      const { output, errors } = render({ global: { nats: { ...ownNats, url } } });
      const policy = readObjects(output).find(
        (it) => it.kind === "NetworkPolicy" && it.metadata.name === "fairlead-router",
      );
      expect(policy, errors).toBeDefined();
      const rules = schemas.policy.parse(policy?.spec).egress;
      return rules.slice(1).flatMap((rule) => rule.ports.map(({ port }) => port));
    };
    expect(portsOf("nats://a:4333,nats://b:4333")).toEqual([4333]);
    expect(portsOf("tls://a,tls://b:4443")).toEqual([4222, 4443]);
  });
});
