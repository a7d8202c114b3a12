import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { cases, findValues, readRendered, renderExample } from "./support/examples.ts";
import { findChecker, root } from "./support/find-program.ts";
import {
  charts,
  hasHelm,
  KUBERNETES,
  renderFile,
  runHelm,
  services,
  umbrella,
} from "./support/helm.ts";
import { documentCommand } from "./support/readme.ts";
import { completeSchema, readSchema } from "./support/sync-definitions.ts";

const regenerate = "npm run generate:charts mends it; read the difference before it is committed";
const kubeScore = findChecker("kube-score");
const helmDocs = findChecker("helm-docs");
for (const [name, found] of Object.entries({ "kube-score": kubeScore, "helm-docs": helmDocs })) {
  if (found === undefined) {
    // On a line of its own, after vitest's word on whose output it is.
    console.log(`\n[notice] ${name} is skipped: it is not on the PATH`);
  }
}

/** What kube-score asks for and is not so here, each for a reason. */
const waived = [
  // Images come from the node where they were given to it; a tag is never reused.
  "container-image-pull-policy",
  // Node's own user is 1000, and volumes are the pod's alone.
  "container-security-context-user-group-id",
  // Pods spread by topologySpreadConstraints, which it does not know.
  "deployment-has-host-podantiaffinity",
  "statefulset-has-host-podantiaffinity",
  // The bundled servers are one, for evaluation; evaluation has one pod of each service.
  "deployment-replicas",
  // Their names must resolve before they are ready, which those of a headless Service do not.
  "statefulset-has-servicename",
  // Whether its selector finds a target is tested in objects.test.ts for every case.
  "networkpolicy-targets-pod",
];

describe.skipIf(!hasHelm)("examples", () => {
  it.each(cases)("%s is rendered as committed", (name) => {
    expect(renderExample(name), regenerate).toEqual(readRendered(name));
  });

  it.each(cases)("%s passes helm lint --strict", (name) => {
    const options = ["--strict", "--kube-version", KUBERNETES, "--values", findValues(name)];
    const { isSuccess, output, errors } = runHelm(["lint", umbrella, ...options]);
    expect(isSuccess, output + errors).toBe(true);
  });

  it.runIf(kubeScore !== undefined).each(cases)("%s passes kube-score", (name) => {
    const [program = "", ...args] = kubeScore ?? [];
    const ignored = waived.flatMap((check) => ["--ignore-test", check]);
    const { status, stdout, stderr } = spawnSync(
      program,
      [...args, "score", "--kubernetes-version", "v1.34", "--output-format", "ci", ...ignored, "-"],
      { input: renderFile(findValues(name)).output, encoding: "utf8" },
    );
    const faults = stdout.split("\n").filter((line) => /^\[(CRITICAL|WARNING)\]/.test(line));
    expect(faults).toEqual([]);
    expect(status, stderr).toBe(0);
  });
});

describe.skipIf(!hasHelm)("charts of services", () => {
  it.each(services)("%s passes helm lint --strict with the umbrella's globals", (service) => {
    const { global } = parse(readFileSync(join(umbrella, "values.yaml"), "utf8")) as {
      global: unknown;
    };
    const folder = mkdtempSync(join(tmpdir(), "fairlead-lint-"));
    try {
      const values = join(folder, "values.json");
      writeFileSync(values, JSON.stringify({ global }));
      const options = ["--strict", "--kube-version", KUBERNETES, "--values", values];
      const { isSuccess, output, errors } = runHelm(["lint", join(charts, service), ...options]);
      expect(isSuccess, output + errors).toBe(true);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("is packaged whole: the archive makes what the folder makes", () => {
    const folder = mkdtempSync(join(tmpdir(), "fairlead-package-"));
    try {
      const packed = runHelm(["package", umbrella, "--destination", folder]);
      expect(packed.isSuccess, packed.errors).toBe(true);
      const archive = join(folder, "fairlead-0.1.0.tgz");
      const target = ["--namespace", "fairlead", "--kube-version", KUBERNETES];
      const values = ["--values", findValues("minimal"), "--set", "global.keyPepper.secretName=p"];
      const whole = runHelm(["template", "fairlead", umbrella, ...target, ...values]).output;
      const unpacked = runHelm(["template", "fairlead", archive, ...target, ...values]).output;
      const withoutPasswords = (text: string) => text.replaceAll(/^ {2}(password|url): .*$/gm, "");
      expect(whole).toContain("kind: Deployment");
      expect(withoutPasswords(unpacked)).toBe(withoutPasswords(whole));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe("generated files", () => {
  it.each([...services, "fairlead"])("the schema of %s has the shared definitions", (chart) => {
    expect(readSchema(chart), regenerate).toEqual(completeSchema(chart));
  });

  it.runIf(helmDocs !== undefined)("the README is what helm-docs makes of the values", () => {
    const [program = "", ...args] = helmDocs ?? [];
    const { stdout } = spawnSync(program, [...args, ...documentCommand, "--dry-run"], {
      cwd: root,
      encoding: "utf8",
    });
    const readme = readFileSync(join(umbrella, "README.md"), "utf8");
    // Biome aligns the columns of tables.
    const normalize = (text: string) =>
      text
        .replaceAll(/^[|: -]+$/gm, "")
        .replaceAll(/ {2,}/g, " ")
        .trim();
    expect(normalize(readme), regenerate).toBe(normalize(stdout));
  });

  it("every chart has the version of package.json", () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      version: string;
    };
    for (const chart of [...services, "fairlead"]) {
      const meta: unknown = parse(readFileSync(join(charts, chart, "Chart.yaml"), "utf8"));
      expect(meta).toMatchObject({ name: chart, version: "0.1.0", appVersion: version });
    }
  });
});
