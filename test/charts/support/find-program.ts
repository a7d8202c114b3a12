import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { isExecutable, searchPath } from "@fairlead/local";

export const root = resolve(import.meta.dirname, "../../..");

/** What is built where there is none; one on the PATH may be any of version 3.14 or newer. */
const HELM_VERSION = "3.22.0";
const HELM_MINOR_MIN = 14;
const BUILD_TIMEOUT_MS = 600_000;

/**
 * Helm from the PATH, from the platform's folder where an earlier run put it, or built by Go from
 * its module, which takes some minutes once. Undefined where none of these is possible.
 */
export function findHelm(notice: (text: string) => void): string | undefined {
  const folder = join(process.env.FAIRLEAD_HOME ?? join(root, ".fairlead"), "bin");
  const kept = join(folder, "helm");
  const present = [...searchPath("helm"), kept].find(isHelm);
  if (present !== undefined) {
    return present;
  }
  const [go] = searchPath("go");
  if (go === undefined) {
    return undefined;
  }
  notice(`building Helm ${HELM_VERSION} with Go (once, some minutes)`);
  mkdirSync(folder, { recursive: true });
  const { stderr } = spawnSync(go, ["install", `helm.sh/helm/v3/cmd/helm@v${HELM_VERSION}`], {
    env: { ...process.env, GOBIN: folder },
    encoding: "utf8",
    timeout: BUILD_TIMEOUT_MS,
  });
  if (!isHelm(kept)) {
    notice(`Go could not build Helm:\n${stderr}`);
    return undefined;
  }
  return kept;
}

/**
 * A program that checks charts, where it is at hand: on the PATH, or in the folder beside the
 * clone.
 */
export function findChecker(name: string): readonly string[] | undefined {
  const [onPath] = searchPath(name);
  if (onPath !== undefined) {
    return [onPath];
  }
  const tool = join(root, "../shared/tools/tool");
  return existsSync(tool) ? [tool, name] : undefined;
}

function isHelm(path: string): boolean {
  if (!isExecutable(path)) {
    return false;
  }
  const { stdout } = spawnSync(path, ["version", "--template", "{{.Version}}"], {
    encoding: "utf8",
    timeout: 10_000,
  });
  const found = /^v(\d+)\.(\d+)/.exec(stdout ?? "");
  const [major, minor] = [Number(found?.[1]), Number(found?.[2])];
  return major > 3 || (major === 3 && minor >= HELM_MINOR_MIN);
}
