import { join } from "node:path";
import { z } from "zod";
import { kubectl } from "./kubectl.ts";
import { runProgram } from "./run-program.ts";

const DOWNLOAD_TIMEOUT_MS = 180_000;

/**
 * Kinds of operators that our charts make objects of, and where their definitions are published.
 */
const definitions = [
  {
    name: "scaledobjects.keda.sh",
    module: "github.com/kedacore/keda/v2@v2.20.2",
    path: "config/crd/bases/keda.sh_scaledobjects.yaml",
  },
  {
    name: "servicemonitors.monitoring.coreos.com",
    module: "github.com/prometheus-operator/prometheus-operator@v0.85.0",
    path: "example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml",
  },
  {
    name: "certificates.cert-manager.io",
    module: "github.com/cert-manager/cert-manager@v1.21.1",
    path: "deploy/crds/cert-manager.io_certificates.yaml",
  },
  {
    name: "httproutes.gateway.networking.k8s.io",
    module: "sigs.k8s.io/gateway-api@v1.6.3",
    path: "config/crd/standard/gateway.networking.k8s.io_httproutes.yaml",
  },
] as const;

/** API groups of kinds that only a cluster with those definitions can check. */
export const foreignGroups: readonly string[] = definitions.map(({ name }) =>
  name.slice(name.indexOf(".") + 1),
);

/**
 * Makes the cluster know these kinds, by the operators' own definitions, where Go can fetch them; a
 * definition that is there already is left as it is. Resolves with what takes them away again, or
 * with undefined where there is no Go.
 */
export async function defineForeignKinds(): Promise<(() => Promise<void>) | undefined> {
  const hasGo = await runProgram("go", ["version"], { timeoutMs: 20_000 }).then(
    () => true,
    () => false,
  );
  if (!hasGo) {
    return undefined;
  }
  const made: string[] = [];
  for (const { name, module, path } of definitions) {
    if ((await kubectl(["get", "crd", name, "--ignore-not-found", "--output", "name"])) === "") {
      const file = join(await download(module), path);
      // Too large for the note that a client-side apply would leave.
      await kubectl(["create", "--filename", file]);
      made.push(name);
    }
  }
  const names = definitions.map(({ name }) => `crd/${name}`);
  await kubectl(["wait", "--for=condition=Established", "--timeout=30s", ...names]);
  return async () => {
    for (const name of made) {
      await kubectl(["delete", "crd", name, "--ignore-not-found"]);
    }
  };
}

/** The folder of a module's files. */
async function download(module: string): Promise<string> {
  const output = await runProgram("go", ["mod", "download", "-json", module], {
    timeoutMs: DOWNLOAD_TIMEOUT_MS,
  });
  return z.object({ Dir: z.string() }).parse(JSON.parse(output)).Dir;
}
