import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { defineForeignKinds, foreignGroups } from "./support/foreign-definitions.ts";
import { kubectl, removeNamespace } from "./support/kubectl.ts";
import { runHelm, umbrella } from "./support/release.ts";
import { hasCluster, note, step } from "./support/step.ts";

const NAMESPACE = "fairlead-manifests";
const examples = readdirSync(join(umbrella, "examples"));

const object = z.looseObject({ apiVersion: z.string(), kind: z.string() });

const version = z.object({ serverVersion: z.object({ gitVersion: z.string() }) });

describe.skipIf(!hasCluster)("every manifest of every example", () => {
  let kubernetes = "";
  let undefine: (() => Promise<void>) | undefined;

  beforeAll(async () => {
    const found: unknown = JSON.parse(await kubectl(["version", "--output", "json"]));
    kubernetes = version.parse(found).serverVersion.gitVersion;
    // Of an earlier run that was killed.
    await removeNamespace(NAMESPACE);
    await kubectl(["create", "namespace", NAMESPACE]);
    const label = "pod-security.kubernetes.io/enforce=restricted";
    await kubectl(["label", "namespace", NAMESPACE, label]);
    undefine = await step("manifests: definitions of operators", defineForeignKinds);
    if (undefine === undefined) {
      note("manifests: without Go, objects of operators (KEDA and others) are not checked");
    }
  });

  afterAll(async () => {
    await undefine?.();
    await removeNamespace(NAMESPACE);
  });

  it.each(examples)(
    "passes a server-side dry run with strict field validation: %s",
    async (name) => {
      await step(`manifests: ${name}`, async () => {
        const values = join(umbrella, "examples", name, "values.yaml");
        const target = ["fairlead", umbrella, "-n", NAMESPACE, "--kube-version", kubernetes];
        const rendered = await runHelm(["template", ...target, "--values", values]);
        // As Helm wrote them: written anew, a text such as "off" could lose or gain its quotes.
        const objects = rendered.split(/^---$/m).flatMap((text) => {
          const parsed = object.safeParse(parse(text));
          return parsed.success ? [{ text, apiVersion: parsed.data.apiVersion }] : [];
        });
        expect(objects.length).toBeGreaterThan(10);
        expect(objects).toHaveLength(rendered.match(/^kind: /gm)?.length ?? 0);
        const known = objects.filter(
          ({ apiVersion }) =>
            undefine !== undefined || !foreignGroups.includes(apiVersion.split("/")[0] ?? ""),
        );
        const input = known.map(({ text }) => text).join("---\n");
        const flags = ["--server-side", "--dry-run=server", "--validate=strict"];
        const output = await kubectl(["apply", ...flags, "--filename", "-"], { input });
        expect(output.trim().split("\n")).toHaveLength(known.length);
      });
    },
  );

  it("would not pass with a field that does not exist", async () => {
    const input = stringify({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "typo", namespace: NAMESPACE },
      spec: { ports: [{ port: 80 }], selectors: { app: "typo" } },
    });
    const flags = ["--server-side", "--dry-run=server", "--validate=strict"];
    await expect(kubectl(["apply", ...flags, "--filename", "-"], { input })).rejects.toThrow(
      /spec\.selectors/,
    );
  });
});
