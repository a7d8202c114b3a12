import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { AppError } from "@fairlead/errors";
import type { Leash } from "./leash.ts";
import { LineReader } from "./line-reader.ts";
import type { LogFile } from "./log-file.ts";
import type { ProcessSpec } from "./process-spec.ts";

const READY_POLL_MS = 25;
const READY_TIMEOUT_MS = 60_000;
const START_FAILURES_MAX = 5;
/** A process that ends sooner after being ready than this is restarted with a pause. */
const STEADY_MS = 5_000;
const BACKOFF_FIRST_MS = 200;
const BACKOFF_MAX_MS = 5_000;
const TAIL_LINES = 12;
/** sysexits.h EX_CONFIG: starting again would find the same fault. */
const EXIT_CONFIG = 78;

export interface Supervision {
  readonly leash: Leash;
  readonly log: LogFile;
  /** Something happened that the person at the terminal may want to know. */
  readonly notice: (text: string) => void;
  /** It is ready again, as another process. */
  readonly started: () => void;
  /** The process could not be kept running; the platform should stop. */
  readonly giveUp: (error: AppError) => void;
}

/** A child process that is started again when it dies, until it is told to stop. */
export class SupervisedProcess {
  readonly spec: ProcessSpec;
  readonly #supervision: Supervision;
  readonly #tail: string[] = [];
  #child: ChildProcess | undefined;
  #generation = new AbortController();
  #isStopping = false;
  #isReady = false;
  #startFailures = 0;
  #quickExits = 0;
  #ready = Promise.withResolvers<void>();

  constructor(spec: ProcessSpec, supervision: Supervision) {
    this.spec = spec;
    this.#supervision = supervision;
    this.#ready.promise.catch(() => undefined);
  }

  get pid(): number | undefined {
    return this.#child?.exitCode === null && this.#child.signalCode === null
      ? this.#child.pid
      : undefined;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** Starts it and waits until it is ready; fails with what it printed last. */
  async start(): Promise<void> {
    this.#isStopping = false;
    await this.#spawn();
    await this.#ready.promise;
  }

  /** Resolves when the present life, or the next one after a crash, is ready. */
  whenReady(): Promise<void> {
    return this.#ready.promise;
  }

  /** Sends a signal without the intent to stop: what dies of it comes back. */
  kill(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#ready.reject(new AppError("cancelled", `${this.spec.name} was stopped.`));
    this.#generation.abort();
    const child = this.#child;
    if (child?.pid === undefined || this.pid === undefined) {
      return;
    }
    const ended = once(child, "exit");
    child.kill(this.spec.stopSignal);
    const timer = setTimeout(() => killGroup(child), this.spec.stopTimeoutMs);
    await ended;
    clearTimeout(timer);
  }

  /** Stops and starts it again with the same ports. */
  async restart(): Promise<void> {
    await this.stop();
    this.#renewReady();
    await this.start();
  }

  async #spawn(): Promise<void> {
    await this.spec.prepare?.();
    if (this.#isStopping) {
      return;
    }
    const { spec } = this;
    const child = spawn(spec.command, spec.args, {
      cwd: spec.cwd,
      env: spec.env,
      // Its own group and session: Ctrl-C reaches only the supervisor, which ends all in order.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      ...(spec.uid === undefined ? {} : { uid: spec.uid, gid: spec.gid }),
    });
    this.#child = child;
    this.#generation = new AbortController();
    const startedAt = performance.now();
    child.once("error", (error) => {
      this.#remember(`${spec.command}: ${error.message}`);
      this.#onExit(child, startedAt, undefined);
    });
    if (child.pid === undefined) {
      return;
    }
    const { pid } = child;
    this.#supervision.leash.hold(pid, spec.stopSignal);
    this.#capture(child);
    child.once("exit", (code) => {
      this.#supervision.leash.letGo(pid);
      this.#onExit(child, startedAt, code ?? undefined);
    });
    void this.#watchReady(child, this.#generation.signal);
  }

  #capture(child: ChildProcess): void {
    for (const stream of [child.stdout, child.stderr]) {
      const reader = new LineReader((line) => {
        this.#remember(line);
        this.spec.onLine?.(line);
      });
      stream?.on("data", (chunk: Buffer) => {
        this.#supervision.log.write(chunk);
        reader.push(chunk);
      });
    }
  }

  #remember(line: string): void {
    this.#tail.push(line);
    if (this.#tail.length > TAIL_LINES) {
      this.#tail.shift();
    }
  }

  async #watchReady(child: ChildProcess, signal: AbortSignal): Promise<void> {
    const deadline = performance.now() + READY_TIMEOUT_MS;
    while (!signal.aborted && child.exitCode === null && child.signalCode === null) {
      if (await this.spec.isReady(signal).catch(() => false)) {
        this.#isReady = true;
        this.#startFailures = 0;
        this.#ready.resolve();
        this.#supervision.started();
        return;
      }
      if (performance.now() > deadline) {
        // It may wait for another process that comes back; only who waits for it is told.
        this.#ready.reject(await this.#describeDelay());
      }
      await delay(READY_POLL_MS);
    }
  }

  #onExit(child: ChildProcess, startedAt: number, code: number | undefined): void {
    if (child !== this.#child) {
      return;
    }
    this.#generation.abort();
    const wasReady = this.#isReady;
    this.#isReady = false;
    if (this.#isStopping) {
      return;
    }
    if (wasReady) {
      this.#renewReady();
      this.#quickExits = performance.now() - startedAt < STEADY_MS ? this.#quickExits + 1 : 0;
    } else {
      this.#startFailures += 1;
    }
    if (this.#startFailures >= START_FAILURES_MAX || (!wasReady && code === EXIT_CONFIG)) {
      const error = this.#describeFailure();
      this.#ready.reject(error);
      this.#supervision.giveUp(error);
      return;
    }
    const pauseMs = backoff(Math.max(this.#startFailures, this.#quickExits - 1));
    this.#supervision.notice(`${this.spec.name} ended (${describeEnd(child)}); starting it again`);
    setTimeout(() => void this.#respawn(), pauseMs);
  }

  async #respawn(): Promise<void> {
    if (this.#isStopping) {
      return;
    }
    try {
      await this.#spawn();
    } catch (error) {
      const failure = AppError.from(error);
      this.#ready.reject(failure);
      this.#supervision.giveUp(failure);
    }
  }

  #renewReady(): void {
    this.#ready = Promise.withResolvers<void>();
    this.#ready.promise.catch(() => undefined);
  }

  async #describeDelay(): Promise<AppError> {
    const { name } = this.spec;
    const state = await this.spec.explain?.().catch(() => undefined);
    return new AppError(
      "unavailable",
      `${name} is not ready ${READY_TIMEOUT_MS / 1_000} s after its start${state === undefined ? "" : ` (${state})`}. Its log is ${this.#supervision.log.path}.`,
    );
  }

  /** Our services say why in one sentence; of anything else the last lines are shown. */
  #describeFailure(): AppError {
    const { name } = this.spec;
    const { path } = this.#supervision.log;
    const sentence = this.#tail.findLast((line) => line.startsWith("fairlead "));
    const reason = sentence?.slice(sentence.indexOf(": ") + 2);
    const last = this.#tail.map((line) => `    ${line}`).join("\n");
    return new AppError(
      "unavailable",
      reason === undefined
        ? `${name} does not start. Its log is ${path}; it ends with:\n${last}`
        : `${name} does not start: ${reason} Its log is ${path}.`,
    );
  }
}

function backoff(failures: number): number {
  return failures <= 0 ? 0 : Math.min(BACKOFF_FIRST_MS * 2 ** (failures - 1), BACKOFF_MAX_MS);
}

function describeEnd(child: ChildProcess): string {
  return child.signalCode ?? (child.exitCode === null ? "not started" : `exit ${child.exitCode}`);
}

/** The process and all it started. */
function killGroup(child: ChildProcess): void {
  try {
    process.kill(-(child.pid as number), "SIGKILL");
  } catch {
    child.kill("SIGKILL");
  }
}
