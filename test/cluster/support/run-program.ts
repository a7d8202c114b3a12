import { spawn } from "node:child_process";

const OUTPUT_LENGTH_MAX = 64 * 1_048_576;
const TAIL_LENGTH = 4_000;

export interface RunOptions {
  readonly timeoutMs: number;
  /** Given on standard input. */
  readonly input?: string;
  readonly cwd?: string;
}

/** What a program printed; it throws unless the program ended with 0 in time. */
export async function runProgram(
  program: string,
  args: readonly string[],
  { timeoutMs, input, cwd }: RunOptions,
): Promise<string> {
  const child = spawn(program, args, {
    ...(cwd !== undefined && { cwd }),
    timeout: timeoutMs,
    killSignal: "SIGKILL",
    stdio: ["pipe", "pipe", "pipe"],
  });
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output = (output + text).slice(-OUTPUT_LENGTH_MAX);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors = (errors + text).slice(-TAIL_LENGTH);
  });
  // A program may end without reading all of it; how it ended is what counts.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input ?? "");
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      if (code === 0) {
        resolve(output);
        return;
      }
      const how = signal === null ? `exit ${code}` : `${signal}, allowed ${timeoutMs} ms`;
      const tail = output.slice(-TAIL_LENGTH);
      reject(new Error(`${program} ${args.join(" ")} (${how}): ${errors.trim()}\n${tail}`.trim()));
    });
  });
}
