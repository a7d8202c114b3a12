import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { AppError } from "@fairlead/errors";
import type { Leash } from "../process/leash.ts";
import { runProgram } from "../process/run-program.ts";
import { readCommandLine } from "../process/process-identity.ts";
import type { PostgresBinaries } from "./postgres-binaries.ts";
import type { Launcher } from "./postgres-user.ts";

const INITDB_TIMEOUT_MS = 60_000;
const STALE_STOP_TIMEOUT_MS = 10_000;

interface DataFolder {
  readonly folder: string;
  readonly binaries: PostgresBinaries;
  readonly launcher: Launcher;
  readonly password: string;
  readonly leash: Leash;
}

/** Makes the data folder unless it is there, and checks that this server can read it. */
export async function prepareDataFolder(options: DataFolder): Promise<void> {
  const { folder, binaries } = options;
  if (!existsSync(folder)) {
    await initialise(options);
    return;
  }
  checkVersion(folder, binaries.majorVersion);
  await endLeftOver(folder);
}

/** Fails with the remedy when the folder was written by another major version. */
export function checkVersion(folder: string, majorVersion: number): void {
  const path = join(folder, "PG_VERSION");
  const found = existsSync(path) ? readFileSync(path, "utf8").trim() : "unknown";
  if (found !== String(majorVersion)) {
    throw new AppError(
      "unavailable",
      `${folder} holds the data of PostgreSQL ${found}, and the one here is ${majorVersion}: move that folder away to begin anew, or set DATABASE_URL to a server of version ${found}.`,
    );
  }
}

async function initialise(options: DataFolder): Promise<void> {
  const { folder, binaries, launcher } = options;
  const unfinished = `${folder}.unfinished`;
  const passwordFile = `${folder}.password`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true, mode: 0o700 });
  writeFileSync(passwordFile, options.password, { mode: 0o600 });
  if (launcher.owner !== undefined) {
    chownSync(unfinished, launcher.owner.uid, launcher.owner.gid);
    chownSync(passwordFile, launcher.owner.uid, launcher.owner.gid);
  }
  try {
    const command = [
      ...launcher.prefix,
      binaries.initdb,
      `--pgdata=${unfinished}`,
      "--username=postgres",
      `--pwfile=${passwordFile}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      "--locale=C",
      "--no-instructions",
      // The rename below comes last: an interrupted run leaves nothing that looks complete.
      "--no-sync",
    ];
    const { exitCode, output } = await runProgram({
      command,
      leash: options.leash,
      timeoutMs: INITDB_TIMEOUT_MS,
      // Where every user may be.
      cwd: "/",
      env: { PATH: process.env.PATH, LC_ALL: "C" },
      ...launcher.credentials,
    });
    if (exitCode !== 0) {
      throw new AppError(
        "unavailable",
        `PostgreSQL could not make its data folder: ${output.trim().split("\n").at(-1) ?? exitCode}. Free disk space, or set DATABASE_URL to a server of your own.`,
      );
    }
    renameSync(unfinished, folder);
  } finally {
    rmSync(passwordFile, { force: true });
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/**
 * A server that was left running on this folder is ended. A lock file whose process is not such a
 * server is removed: after a restart of a machine or a container its number may be anyone's.
 */
async function endLeftOver(folder: string): Promise<void> {
  const lock = join(folder, "postmaster.pid");
  if (!existsSync(lock)) {
    return;
  }
  const pid = Number.parseInt(readFileSync(lock, "utf8"), 10);
  if (isPostgresOf(pid, folder)) {
    process.kill(pid, "SIGINT");
    const deadline = Date.now() + STALE_STOP_TIMEOUT_MS;
    while (isPostgresOf(pid, folder)) {
      if (Date.now() > deadline) {
        throw new AppError(
          "unavailable",
          `Another PostgreSQL (process ${pid}) uses ${folder} and does not end: end it with \`kill ${pid}\` and start again.`,
        );
      }
      await delay(50);
    }
  }
  rmSync(lock, { force: true });
}

function isPostgresOf(pid: number, folder: string): boolean {
  return readCommandLine(pid).includes(folder);
}
