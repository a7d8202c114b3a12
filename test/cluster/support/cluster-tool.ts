import { existsSync, readFileSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { runProgram } from "./run-program.ts";
import { waitUntil } from "./wait-until.ts";

const ENGINE_END_MS = 30_000;

/**
 * The one file that knows how the cluster at hand is made. Everything else is kubectl and helm; to
 * run the suite on another cluster, give these functions its way: a registry for the images, its
 * own way to cut a node off.
 */
const folder =
  process.env.FAIRLEAD_CLUSTER_TOOLS ?? resolve(import.meta.dirname, "../../../../shared/tools");
const tool = join(folder, "cluster/cluster");
const imageTool = join(folder, "images/images");

/** Command that takes the arguments of `docker build`, where the tool brings one. */
export const imageBuilder: string | undefined = existsSync(tool)
  ? join(folder, "images/build")
  : undefined;

export const hasClusterTool = existsSync(tool);

/** Starts a cluster of two nodes. Returns the variables under which kubectl and helm reach it. */
export async function startCluster(): Promise<Record<"KUBECONFIG" | "PATH", string>> {
  await runProgram(tool, ["up"], { timeoutMs: 300_000 });
  const script = `eval "$('${tool}' env)" && printf '%s\\n%s' "$KUBECONFIG" "$PATH"`;
  const output = await runProgram("bash", ["-c", script], { timeoutMs: 10_000 });
  const [KUBECONFIG = "", PATH = ""] = output.split("\n");
  return { KUBECONFIG, PATH };
}

/** Whether a cluster of the tool runs already: who did not start it leaves it running. */
export async function isClusterUp(): Promise<boolean> {
  return await runProgram(tool, ["status"], { timeoutMs: 30_000 }).then(
    () => true,
    () => false,
  );
}

export async function stopCluster(): Promise<void> {
  await runProgram(tool, ["down"], { timeoutMs: 60_000 });
}

/** Returns what ends the Docker engine that the tool has started since, if there was none. */
export async function watchEngine(): Promise<() => Promise<void>> {
  const isThere = () =>
    runProgram("docker", ["version"], { timeoutMs: 20_000 }).then(
      () => true,
      () => false,
    );
  const home = process.env.FAIRLEAD_ENGINE_HOME ?? join(homedir(), ".cache/fairlead-engine");
  const pidFile = join(home, "dockerd.pid");
  if (!hasClusterTool || (await isThere())) {
    return async () => undefined;
  }
  rmSync(pidFile, { force: true });
  return async () => {
    if (existsSync(pidFile)) {
      process.kill(Number(readFileSync(pidFile, "utf8")), "SIGTERM");
      const options = { what: "the end of the Docker engine", timeoutMs: ENGINE_END_MS };
      await waitUntil(async () => !(await isThere()), options);
    }
  };
}

/** Public images, in the local engine: the tool has its own way where no registry is reached. */
export async function fetchImages(images: readonly string[]): Promise<void> {
  await runProgram(imageTool, images, { timeoutMs: 600_000 });
}

/** Makes images of the local engine known to every node. */
export async function giveImages(images: readonly string[]): Promise<void> {
  await runProgram(tool, ["load", ...images], { timeoutMs: 600_000 });
}

/** Builds an image of a folder with a Dockerfile. */
export async function buildImage(image: string, folder: string): Promise<void> {
  const [program, ...args] = imageBuilder === undefined ? ["docker", "build"] : [imageBuilder];
  await runProgram(program ?? "docker", [...args, "--tag", image, folder], { timeoutMs: 120_000 });
}

/** SIGKILL for a container of a node, by the id that the pod's status has. */
export async function killContainer(node: string, containerId: string): Promise<void> {
  const id = containerId.replace(/^containerd:\/\//, "");
  const kill = ["ctr", "-n", "k8s.io", "tasks", "kill", "--signal", "SIGKILL", id];
  await runProgram(tool, ["exec", node, ...kill], { timeoutMs: 30_000 });
}

/** The node is gone at once: processes, disks and network. Resolves with what brings it back. */
export async function loseNode(name: string): Promise<() => Promise<void>> {
  await runProgram(tool, ["node-kill", name], { timeoutMs: 30_000 });
  return async () => {
    await runProgram(tool, ["node-start", name], { timeoutMs: 60_000 });
  };
}
