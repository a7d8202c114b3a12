import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { ChatTarget } from "../load-generator/write-request.ts";
import type { NamedProcess } from "../measure/cpu.ts";

/**
 * Two processes with one gRPC stream between them that do nothing but relay: no keys, no routing,
 * no money, no traces, no limits. What it takes for that is what the machine takes of everybody.
 */
export interface BareRelay {
  readonly target: ChatTarget;
  readonly processes: readonly NamedProcess[];
  stop(): void;
}

export async function startBareRelay(direct: ChatTarget): Promise<BareRelay> {
  const { host, port } = direct.address;
  const back = await start("back.ts", `http://${host}:${port}${direct.path}`);
  const front = await start("front.ts", String(back.port));
  return {
    target: { ...direct, address: { host: "127.0.0.1", port: front.port } },
    processes: [
      { name: "front", pid: front.child.pid ?? 0 },
      { name: "back", pid: back.child.pid ?? 0 },
    ],
    stop() {
      front.child.kill();
      back.child.kill();
    },
  };
}

/** Resolves with the port that the process says it listens on. */
async function start(
  file: string,
  argument: string,
): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  const child = fork(join(import.meta.dirname, file), [argument]);
  const exited = once(child, "exit").then(([code]) => {
    throw new Error(`the bare relay's ${file} ended with ${code}`);
  });
  const [port] = (await Promise.race([once(child, "message"), exited])) as [number];
  exited.catch(() => undefined);
  return { child, port };
}
