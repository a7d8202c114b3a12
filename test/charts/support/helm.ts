import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { root } from "./find-program.ts";

/** The path of Helm, from the global setup to the workers. */
export const HELM_VARIABLE = "FAIRLEAD_TEST_HELM";
export const hasHelm = process.env[HELM_VARIABLE] !== undefined;
export const charts = join(root, "charts");
export const umbrella = join(charts, "fairlead");
export const services = ["gateway", "router", "adapter", "ledger", "prober", "simulator"] as const;

/** What the golden files are rendered for. */
export const KUBERNETES = "1.34.0";

export interface HelmResult {
  readonly isSuccess: boolean;
  readonly output: string;
  readonly errors: string;
}

export function runHelm(args: readonly string[], helm = process.env[HELM_VARIABLE]): HelmResult {
  if (helm === undefined) {
    throw new Error("There is no Helm: the global setup did not run.");
  }
  const { status, stdout, stderr } = spawnSync(helm, args, {
    encoding: "utf8",
    maxBuffer: 64 * 1_048_576,
    timeout: 60_000,
  });
  return { isSuccess: status === 0, output: stdout, errors: withoutLinks(stderr) };
}

/** What Helm printed without the lines that tell of each link in charts/. */
export function withoutLinks(text: string): string {
  const lines = text.split("\n").filter((line) => !line.includes("found symbolic link in path"));
  return lines.join("\n").trim();
}

/** `helm template` of the umbrella as release `fairlead` in the namespace `fairlead`. */
export function renderFile(valuesFile: string, ...more: readonly string[]): HelmResult {
  const target = ["fairlead", umbrella, "--namespace", "fairlead", "--kube-version", KUBERNETES];
  return runHelm(["template", ...target, "--values", valuesFile, ...more]);
}

/** As {@link renderFile}, with values given here. */
export function render(values: unknown, ...more: readonly string[]): HelmResult {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-values-"));
  try {
    const file = join(folder, "values.yaml");
    writeFileSync(file, stringify(values));
    return renderFile(file, ...more);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
