import { spawn } from "node:child_process";
import { once } from "node:events";
import { AppError } from "@fairlead/errors";
import type { Leash } from "./leash.ts";

const OUTPUT_LENGTH_MAX = 4_000;

export interface ProgramResult {
  /** 127 when it could not be started, as shells say it. */
  readonly exitCode: number;
  /** The end of what it printed. */
  readonly output: string;
}

/** Runs a program to its end. It does not outlive this process, nor the leash. */
export async function runProgram(options: {
  readonly command: readonly string[];
  readonly leash: Leash;
  readonly timeoutMs: number;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
}): Promise<ProgramResult> {
  const { command, leash, timeoutMs, ...spawnOptions } = options;
  if (leash.isReleased) {
    throw new AppError("cancelled", "The start was stopped.");
  }
  const [program = "", ...args] = command;
  const child = spawn(program, args, {
    ...spawnOptions,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: timeoutMs,
  });
  let output = "";
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-OUTPUT_LENGTH_MAX);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  if (child.pid === undefined) {
    child.on("error", () => undefined);
    return { exitCode: 127, output };
  }
  leash.hold(child.pid, "SIGTERM");
  const [code] = await once(child, "close");
  leash.letGo(child.pid);
  return { exitCode: typeof code === "number" ? code : 1, output };
}
