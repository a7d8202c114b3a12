// Brings what the project runs on: the pinned Node and pnpm from npm, and the packages of the lock
// file. Plain JavaScript without dependencies, for any Node from 20 on.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const NODE_VERSION = "24.21.0";
/** An installed Node from here on is used as it is. */
const NODE_MIN = [24, 11];
const PNPM_VERSION = "12.21.0";
const INSTALL_BYTES_MIN = 1_500_000_000;
const PROGRESS_EVERY_MS = process.stderr.isTTY ? 1_000 : 5_000;

export const repository = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
export const home = resolve(repository, process.env.FAIRLEAD_HOME || ".fairlead");
const toolchain = join(home, "toolchain");
/** Says what the packages were installed from. */
const stamp = join(repository, "node_modules/.fairlead-installed");

/** What the person at the terminal can mend: shown as one sentence. */
export class Fault extends Error {}

/** Makes sure that all is there, and answers the path of the Node to run. */
export async function provideToolchain() {
  makeHome();
  const plan = planTools(!isInstalled());
  if (plan.missing.length > 0) {
    await fetchTools(plan.missing);
  }
  if (plan.pnpm !== undefined) {
    await installPackages(plan.pnpm);
  }
  return plan.node;
}

function makeHome() {
  try {
    mkdirSync(home, { recursive: true });
    const probe = join(home, `.writable-${process.pid}`);
    writeFileSync(probe, "writable");
    rmSync(probe);
  } catch (error) {
    throw describeFault(String(error), home);
  }
}

/** Which Node and, if it is needed, which pnpm to run, and what must be fetched for that. */
function planTools(needsPnpm) {
  const missing = [];
  const provide = (name, version) => {
    if (readVersion(name) !== version) {
      missing.push(`${name}@${version}`);
    }
    return join(toolchain, "node_modules", name);
  };
  const node = isNewEnough()
    ? process.execPath
    : join(provide(nameNodePackage(), NODE_VERSION), "bin/node");
  if (!needsPnpm) {
    return { node, pnpm: undefined, missing };
  }
  if (spawnSync("pnpm", ["--version"], { encoding: "utf8" }).stdout?.trim() === PNPM_VERSION) {
    return { node, pnpm: ["pnpm"], missing };
  }
  // This entry finds the platform's binary by itself; the others need pnpm's install script.
  return { node, pnpm: [node, join(provide("pnpm", PNPM_VERSION), "bin/pnpm.mjs")], missing };
}

function isNewEnough() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  return major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1]);
}

function nameNodePackage() {
  const isMusl =
    process.platform === "linux" && process.report.getReport().header.glibcVersionRuntime == null;
  if (process.platform === "win32" || isMusl) {
    throw new Fault(
      `Node ${process.versions.node} is too old, and none is brought to this system: install Node ${NODE_MIN.join(".")} or newer (https://nodejs.org) and run this again.`,
    );
  }
  return `node-${process.platform}-${process.arch}`;
}

function hashLock() {
  const hash = createHash("sha256");
  for (const name of ["pnpm-lock.yaml", "pnpm-workspace.yaml"]) {
    hash.update(readFileSync(join(repository, name)));
  }
  return hash.digest("hex");
}

function isInstalled() {
  return existsSync(stamp) && readFileSync(stamp, "utf8") === hashLock();
}

/** Installs what pnpm-lock.yaml says. */
async function installPackages([program, ...args]) {
  const { bavail, bsize } = statfsSync(repository);
  if (bavail * bsize < INSTALL_BYTES_MIN && !existsSync(stamp)) {
    throw new Fault(
      `Less than 1.5 GB is free under ${repository}: free some space there and run this again.`,
    );
  }
  await runStep("Installing the packages of pnpm-lock.yaml", program, [
    ...args,
    "install",
    "--frozen-lockfile",
  ]);
  try {
    writeFileSync(stamp, hashLock());
  } catch (error) {
    throw describeFault(String(error), repository);
  }
}

/** Into the toolchain folder, beside what is there; without running anything they bring. */
async function fetchTools(packages) {
  const manifest = join(toolchain, "package.json");
  mkdirSync(toolchain, { recursive: true });
  if (!existsSync(manifest)) {
    writeFileSync(manifest, '{ "private": true }\n');
  }
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--save-exact", "--loglevel=error"];
  await runStep(`Fetching ${packages.join(" and ")} from npm`, "npm", [
    "install",
    "--prefix",
    toolchain,
    ...flags,
    ...packages,
  ]);
}

function readVersion(name) {
  try {
    const manifest = readFileSync(join(toolchain, "node_modules", name, "package.json"), "utf8");
    return JSON.parse(manifest).version;
  } catch {
    return undefined;
  }
}

/** Runs a program to its end, with a line that shows that time passes. */
async function runStep(label, program, args) {
  const startedAt = Date.now();
  const seconds = () => `${Math.round((Date.now() - startedAt) / 1_000)} s`;
  process.stderr.write(`${label} …${process.stderr.isTTY ? "" : "\n"}`);
  const progress = setInterval(() => {
    const line = process.stderr.isTTY ? `\r${label} … ${seconds()}` : `  … ${seconds()}\n`;
    process.stderr.write(line);
  }, PROGRESS_EVERY_MS);
  let output = "";
  try {
    const code = await new Promise((settle, fail) => {
      const child = spawn(program, args, {
        cwd: repository,
        stdio: ["ignore", "pipe", "pipe"],
        // Nobody is asked anything.
        env: { ...process.env, CI: "true" },
      });
      const keep = (chunk) => {
        output = (output + chunk).slice(-20_000);
      };
      child.stdout.on("data", keep);
      child.stderr.on("data", keep);
      child.once("error", fail);
      child.once("close", settle);
    });
    if (code !== 0) {
      throw describeFault(output, toolchain);
    }
  } catch (error) {
    process.stderr.write("\n");
    throw error.code === "ENOENT"
      ? new Fault(`${program} was not found: install Node with npm and run this again.`)
      : error;
  } finally {
    clearInterval(progress);
  }
  process.stderr.write(`${process.stderr.isTTY ? `\r${label} …` : "  …"} done in ${seconds()}\n`);
}

/** One sentence with the remedy, from what a program printed. */
function describeFault(output, folder) {
  if (/ENOSPC|no space left|EDQUOT/i.test(output)) {
    return new Fault(`The disk of ${folder} is full: free some space and run this again.`);
  }
  if (/EROFS|EACCES|EPERM|read-only file system|permission denied/i.test(output)) {
    return new Fault(
      `${folder} cannot be written: clone to a folder of your own, or set FAIRLEAD_HOME to one.`,
    );
  }
  if (
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|socket|network|dns error|error sending request|META_FETCH/i.test(
      output,
    )
  ) {
    return new Fault(
      "The npm registry cannot be reached: check the network, or set a reachable one with `npm config set registry` (behind a proxy: HTTPS_PROXY), and run this again.",
    );
  }
  const last = output.trim().split("\n").slice(-15).join("\n  ");
  return new Fault(`That failed; what it printed last:\n  ${last}`);
}
