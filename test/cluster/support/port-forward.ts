import { spawn } from "node:child_process";
import { once } from "node:events";

const START_TIMEOUT_MS = 20_000;

export interface PortForward extends AsyncDisposable {
  /** On 127.0.0.1. */
  readonly port: number;
}

/**
 * A local port that leads to a port of one pod (or of a Service's first pod), until disposed of.
 */
export async function openPortForward(
  namespace: string,
  target: string,
  port: number,
): Promise<PortForward> {
  const child = spawn(
    "kubectl",
    ["port-forward", "-n", namespace, target, `:${port}`, "--address", "127.0.0.1"],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let output = "";
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const read = (text: string): void => {
    output = (output + text).slice(-4_000);
    const found = /127\.0\.0\.1:(\d+) ->/.exec(output);
    if (found !== null) {
      resolve(Number(found[1]));
    }
  };
  child.stdout.setEncoding("utf8").on("data", read);
  child.stderr.setEncoding("utf8").on("data", read);
  child.once("error", reject);
  child.once("exit", () => reject(new Error(`no way to ${target}: ${output}`)));
  const timer = setTimeout(
    () => reject(new Error(`no way to ${target} in ${START_TIMEOUT_MS} ms: ${output}`)),
    START_TIMEOUT_MS,
  );
  const close = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
  };
  try {
    return { port: await promise, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
