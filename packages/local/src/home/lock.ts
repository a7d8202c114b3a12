import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { AppError } from "@fairlead/errors";
import { readStartTime } from "../process/process-identity.ts";

/**
 * Takes the lock file for this process, or fails when another living process has it. The file
 * holds the process's number and start time, so that a number given anew is not taken for it.
 */
export function takeLock(path: string, home: string): () => void {
  const own = `${process.pid} ${readStartTime(process.pid)}`;
  for (;;) {
    try {
      writeFileSync(path, own, { flag: "wx" });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
        throw error;
      }
    }
    const holder = readHolder(path);
    if (holder !== undefined) {
      throw new AppError(
        "conflict",
        `A platform already runs in ${home} (process ${holder}): stop it with \`kill ${holder}\`, or set FAIRLEAD_HOME and FAIRLEAD_PORT to start another one.`,
      );
    }
    rmSync(path, { force: true });
  }
}

/** The process that holds the lock, if it is alive. */
function readHolder(path: string): number | undefined {
  try {
    const [pid, ...startTime] = readFileSync(path, "utf8").split(" ");
    const found = readStartTime(Number(pid));
    return found !== "" && found === startTime.join(" ") ? Number(pid) : undefined;
  } catch {
    return undefined;
  }
}
