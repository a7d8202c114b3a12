import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  fetchImages,
  giveImages,
  hasClusterTool,
  imageBuilder,
  isClusterUp,
  startCluster,
  stopCluster,
  watchEngine,
} from "./cluster-tool.ts";
import { BASE_IMAGE, foreignImages, imageOf, imageTag, TAG_VARIABLE, services } from "./images.ts";
import { root } from "./release.ts";
import { runProgram } from "./run-program.ts";
import { CLUSTER_VARIABLE, recordStep, STEPS_VARIABLE, step } from "./step.ts";

const BUILD_TIMEOUT_MS = 900_000;

/**
 * Finds a cluster once for all files, or starts one, which it then ends; gives it the images;
 * prints the times of all steps at the end. Without a cluster the suite is skipped, and says so.
 */
export async function setup(): Promise<() => Promise<void>> {
  const startedAtMs = performance.now();
  const folder = mkdtempSync(join(tmpdir(), "fairlead-cluster-steps-"));
  process.env[STEPS_VARIABLE] = join(folder, "steps.txt");
  writeFileSync(process.env[STEPS_VARIABLE], "");
  let stop: (() => Promise<void>) | undefined;
  const endEngine = await watchEngine();
  const tearDown = async (): Promise<void> => {
    await stop?.();
    await endEngine();
    recordStep("the whole suite", performance.now() - startedAtMs);
    const lines = readFileSync(join(folder, "steps.txt"), "utf8").trimEnd().split("\n");
    console.log(lines.map((line) => `[notice] ${line}`).join("\n"));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const found = await findCluster();
    if (found === undefined) {
      console.log(
        "[notice] The cluster suite is skipped: set KUBECONFIG to a cluster of two nodes or more that you may use, with kubectl and helm on the PATH.",
      );
      return tearDown;
    }
    stop = found.stop;
    // A run that is ended must not leave a cluster behind.
    process.once("SIGTERM", () => void tearDown().finally(() => process.exit(143)));
    if (process.env[TAG_VARIABLE] === undefined) {
      await step("build the images", buildImages);
    }
    await step("give the nodes the images", () =>
      giveImages([...services.map(imageOf), ...foreignImages]),
    );
    process.env[CLUSTER_VARIABLE] = "yes";
    return tearDown;
  } catch (error) {
    await tearDown();
    throw error;
  }
}

async function findCluster(): Promise<{ stop?: () => Promise<void> } | undefined> {
  // Named by hand only: what kubectl would take by itself may be anybody's.
  if (process.env.KUBECONFIG !== undefined) {
    await runProgram("kubectl", ["get", "nodes"], { timeoutMs: 20_000 });
    return {};
  }
  if (!hasClusterTool) {
    return undefined;
  }
  if (await isClusterUp()) {
    Object.assign(process.env, await startCluster());
    await fetchImages([BASE_IMAGE, ...foreignImages]);
    return {};
  }
  try {
    Object.assign(process.env, await step("start a cluster", startCluster));
    await step("fetch public images", () => fetchImages([BASE_IMAGE, ...foreignImages]));
  } catch (error) {
    // It needs root and a kernel that lets it: not every machine is one for a cluster.
    console.log(`[notice] No cluster could be started here: ${String(error).slice(0, 300)}`);
    await stopCluster().catch(() => undefined);
    return undefined;
  }
  return { stop: () => step("stop the cluster", stopCluster) };
}

async function buildImages(): Promise<void> {
  const builder = imageBuilder === undefined ? [] : ["--builder", imageBuilder];
  const args = ["deploy/build-images.mjs", "--tag", imageTag, ...builder];
  await runProgram(process.execPath, args, { timeoutMs: BUILD_TIMEOUT_MS, cwd: root });
}
