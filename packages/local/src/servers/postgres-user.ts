import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { AppError } from "@fairlead/errors";

/** PostgreSQL refuses to run as root, so root runs it as one of these, the first that exists. */
const candidates = ["postgres", "nobody"];
const OTHERS_MAY_ENTER = 0o001;

interface User {
  readonly uid: number;
  readonly gid: number;
}

/** How a command is started so that it does not run as root. */
export interface Launcher {
  /** Who must own what it writes; absent = the user we run as. */
  readonly owner?: User;
  /** For spawn(). */
  readonly credentials: Partial<User>;
  /** Put before the command. */
  readonly prefix: readonly string[];
}

/**
 * As an ordinary user: nothing to do. As root: another user. Where that user cannot enter the
 * folders (a clone below /root), it keeps the one right that opens them, CAP_DAC_OVERRIDE.
 */
export function choosePostgresUser(folders: readonly string[], dataFolder: string): Launcher {
  if (process.getuid?.() !== 0) {
    return { credentials: {}, prefix: [] };
  }
  const owner = findUser(dataFolder);
  const closed = folders.find((folder) => !isOpenToOthers(folder));
  if (closed === undefined) {
    return { owner, credentials: owner, prefix: [] };
  }
  const prefix = [
    "setpriv",
    `--reuid=${owner.uid}`,
    `--regid=${owner.gid}`,
    "--clear-groups",
    "--inh-caps=+dac_override",
    "--ambient-caps=+dac_override",
    "--",
  ];
  const [command = "", ...args] = prefix;
  if (spawnSync(command, [...args, "true"]).status !== 0) {
    throw new AppError(
      "unavailable",
      `PostgreSQL cannot run as root, and no other user may enter ${closed}: clone to a folder outside of it, or run as an ordinary user, or set DATABASE_URL.`,
    );
  }
  return { owner, credentials: {}, prefix };
}

function findUser(dataFolder: string): User {
  // Once made, a data folder keeps its owner, also when a user `postgres` comes later.
  if (existsSync(dataFolder)) {
    const { uid, gid } = statSync(dataFolder);
    if (uid !== 0) {
      return { uid, gid };
    }
  }
  for (const name of candidates) {
    const user = readUser(name);
    if (user !== undefined) {
      return user;
    }
  }
  throw new AppError(
    "unavailable",
    "PostgreSQL cannot run as root and there is no user `postgres` or `nobody`: run as an ordinary user, or set DATABASE_URL.",
  );
}

function readUser(name: string): User | undefined {
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(":") ?? [];
  return uid === undefined || gid === undefined
    ? undefined
    : { uid: Number(uid), gid: Number(gid) };
}

function isOpenToOthers(folder: string): boolean {
  let path = folder;
  while (!existsSync(path)) {
    path = dirname(path);
  }
  for (; ; path = dirname(path)) {
    if ((statSync(path).mode & OTHERS_MAY_ENTER) === 0) {
      return false;
    }
    if (path === dirname(path)) {
      return true;
    }
  }
}
