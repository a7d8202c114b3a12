import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("leash.sh", import.meta.url));

/**
 * Makes sure that processes do not outlive this one, not even when it is killed with SIGKILL: a
 * small shell process holds the list and waits for the end of a pipe that only this process holds.
 */
export class Leash {
  readonly #held = new Map<number, NodeJS.Signals>();
  #shell: ChildProcess | undefined;
  #isReleased = false;

  get isReleased(): boolean {
    return this.#isReleased;
  }

  /** `signal` ends the process politely. The process must lead its own group (`detached`). */
  hold(pid: number, signal: NodeJS.Signals): void {
    this.#held.set(pid, signal);
    if (this.#shell === undefined) {
      this.#spawn();
    } else {
      this.#write(describe(pid, signal));
    }
  }

  letGo(pid: number): void {
    if (this.#held.delete(pid)) {
      this.#write(`- ${pid}\n`);
    }
  }

  /** Ends the shell; what is still held is ended with it. */
  async release(): Promise<void> {
    this.#isReleased = true;
    const shell = this.#shell;
    if (shell === undefined || shell.exitCode !== null || shell.signalCode !== null) {
      return;
    }
    shell.ref();
    const ended = new Promise((resolve) => shell.once("exit", resolve));
    shell.stdin?.end();
    await ended;
  }

  #spawn(): void {
    const shell = spawn("/bin/sh", [script], {
      // A session of its own: Ctrl-C in the terminal and a kill of our group must not reach it.
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
    });
    this.#shell = shell;
    shell.unref();
    // The end of the shell shows as its exit; a write that comes too late is no fault of its own.
    shell.stdin.on("error", () => undefined);
    (shell.stdin as unknown as { unref(): void }).unref();
    shell.once("exit", () => {
      if (!this.#isReleased) {
        this.#spawn();
      }
    });
    for (const [pid, signal] of this.#held) {
      this.#write(describe(pid, signal));
    }
  }

  #write(line: string): void {
    this.#shell?.stdin?.write(line);
  }
}

function describe(pid: number, signal: NodeJS.Signals): string {
  return `+ ${pid} ${signal.replace("SIG", "")}\n`;
}
