import { spawnSync } from "node:child_process";
import { Fault } from "./options.ts";

const OUTPUT_BYTES_MAX = 64_000_000;
/** A first build on a slow line fetches some hundred megabytes. */
const TIMEOUT_MS = 30 * 60_000;

export interface RunOptions {
  folder?: string;
  /** For the command's standard input. */
  input?: string;
  /** Return what it prints, in place of showing it. */
  capture?: boolean;
}

/** Runs a command to its end. @throws Fault that names it when it fails or is not there. */
export function runCommand([program = "", ...args]: readonly string[], options: RunOptions = {}) {
  const { status, signal, error, stdout } = spawnSync(program, args, {
    ...(options.folder !== undefined && { cwd: options.folder }),
    ...(options.input !== undefined && { input: options.input }),
    stdio: [
      options.input === undefined ? "ignore" : "pipe",
      options.capture ? "pipe" : "inherit",
      "inherit",
    ],
    encoding: "utf8",
    maxBuffer: OUTPUT_BYTES_MAX,
    timeout: TIMEOUT_MS,
  });
  if (error !== undefined || status !== 0) {
    const reason = error?.message ?? (signal === null ? `exit code ${status}` : `signal ${signal}`);
    throw new Fault(`${[program, ...args].join(" ")}\nfailed: ${reason}`);
  }
  return stdout ?? "";
}
