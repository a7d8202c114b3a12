import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { HELM_VARIABLE, type HelmResult, umbrella, withoutLinks } from "./helm.ts";

const NAMESPACE = "fairlead";
const TIMEOUT_MS = 60_000;

export interface ClusterObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: object;
}

/** A Secret with these keys. */
export function secret(name: string, ...keys: readonly string[]): ClusterObject {
  const data = Object.fromEntries(keys.map((key) => [key, "eA=="]));
  return { apiVersion: "v1", kind: "Secret", metadata: { name }, data };
}

/**
 * Renders the umbrella for an upgrade while `lookup` is answered by a server that has these objects
 * in the namespace, and the ConfigMap that every namespace has.
 */
export async function renderOnCluster(
  values: unknown,
  objects: readonly ClusterObject[],
): Promise<HelmResult> {
  const root = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "kube-root-ca.crt" } };
  const answers = listAnswers([...objects, root]);
  const server = createServer(({ url = "" }, response) => {
    const found = answers.get(new URL(url, "http://cluster").pathname);
    response.writeHead(found === undefined ? 404 : 200, { "content-type": "application/json" });
    const missing = { kind: "Status", apiVersion: "v1", status: "Failure", code: 404 };
    response.end(JSON.stringify(found ?? { ...missing, reason: "NotFound" }));
  });
  const folder = mkdtempSync(join(tmpdir(), "fairlead-lookup-"));
  try {
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    const file = join(folder, "values.yaml");
    writeFileSync(file, stringify(values));
    return await run([
      ...["template", "fairlead", umbrella, "--namespace", NAMESPACE, "--values", file],
      ...["--is-upgrade", "--dry-run=server", "--kube-version", "1.34.0"],
      ...["--kube-apiserver", `http://127.0.0.1:${port}`],
    ]);
  } finally {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** By path: the objects, and which kinds there are. */
function listAnswers(objects: readonly ClusterObject[]): ReadonlyMap<string, unknown> {
  const answers = new Map<string, unknown>();
  for (const groupVersion of ["v1", "apps/v1"]) {
    const kinds = groupVersion === "v1" ? ["ConfigMap", "Secret"] : ["Deployment"];
    const resources = kinds.map((kind) => ({ name: toPlural(kind), kind, namespaced: true }));
    answers.set(toPath(groupVersion), { kind: "APIResourceList", groupVersion, resources });
  }
  for (const { apiVersion, kind, metadata, ...rest } of objects) {
    const path = `${toPath(apiVersion)}/namespaces/${NAMESPACE}/${toPlural(kind)}/${metadata.name}`;
    answers.set(path, { apiVersion, kind, metadata, ...rest });
  }
  return answers;
}

function toPath(apiVersion: string): string {
  return `/${apiVersion === "v1" ? "api" : "apis"}/${apiVersion}`;
}

function toPlural(kind: string): string {
  return `${kind.toLowerCase()}s`;
}

/** Not spawnSync: the server answers from this process. */
async function run(args: readonly string[]): Promise<HelmResult> {
  const child = spawn(process.env[HELM_VARIABLE] ?? "", args, {
    // Whatever cluster the user has is not asked.
    env: { ...process.env, KUBECONFIG: "/dev/null" },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: TIMEOUT_MS,
  });
  let output = "";
  let errors = "";
  child.stdout.on("data", (part: Buffer) => {
    output += part.toString();
  });
  child.stderr.on("data", (part: Buffer) => {
    errors += part.toString();
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { isSuccess: code === 0, output, errors: withoutLinks(errors) };
}
