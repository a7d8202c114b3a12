import { chmodSync, existsSync, mkdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "@fairlead/errors";
import { takeLock } from "./lock.ts";

/** Below this PostgreSQL and JetStream soon fail in the middle of something. */
const FREE_BYTES_MIN = 300_000_000;

/** The folder that holds a platform's state, held by this process alone. */
export interface Home {
  readonly path: string;
  readonly logs: string;
  readonly secrets: string;
  /** Addresses and keys of the running platform; there while it is ready. */
  readonly devFile: string;
  close(): void;
}

/** Makes the folder, checks that it can be written and has room, and takes its lock. */
export function openHome(path: string): Home {
  try {
    // Others may enter: as root, PostgreSQL runs as another user. What is secret has its own mode.
    mkdirSync(path, { recursive: true, mode: 0o755 });
    const probe = join(path, `.writable-${process.pid}`);
    writeFileSync(probe, "writable");
    rmSync(probe);
  } catch (error) {
    throw describeDiskFault(error, path);
  }
  const { bavail, bsize } = statfsSync(path);
  if (bavail * bsize < FREE_BYTES_MIN) {
    throw new AppError(
      "unavailable",
      `Less than ${FREE_BYTES_MIN / 1_000_000} MB is free for ${path}: free some space, or set FAIRLEAD_HOME to a folder on another disk.`,
    );
  }
  const release = takeLock(join(path, "lock"), path);
  const secrets = join(path, "secrets");
  mkdirSync(secrets, { recursive: true, mode: 0o700 });
  chmodSync(secrets, 0o700);
  const devFile = join(path, "dev.json");
  rmSync(devFile, { force: true });
  return {
    path,
    logs: join(path, "logs"),
    secrets,
    devFile,
    close() {
      if (existsSync(devFile)) {
        rmSync(devFile, { force: true });
      }
      release();
    },
  };
}

/** One sentence for what a disk can refuse; anything else is passed on. */
export function describeDiskFault(error: unknown, path: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return new AppError(
        "unavailable",
        `The disk of ${path} is full: free some space, or set FAIRLEAD_HOME to a folder on another disk.`,
        { cause: error },
      );
    case "EROFS":
    case "EACCES":
    case "EPERM":
    case "ENOTDIR":
      return new AppError(
        "unavailable",
        `${path} cannot be written (${code}): set FAIRLEAD_HOME to a folder of your own.`,
        { cause: error },
      );
    default:
      return error;
  }
}
