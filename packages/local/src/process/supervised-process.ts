import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { AppError } from "@fairlead/errors";
import type { Leash } from "./leash.ts";
import { LineReader } from "./line-reader.ts";
import type { LogFile } from "./log-file.ts";
import type { ProcessSpec } from "./process-spec.ts";
import { RestartPolicy } from "./restart-policy.ts";

const READY_POLL_MS = 25;
const READY_TIMEOUT_MS = 60_000;
const TAIL_LINES = 12;

export interface Supervision {
  readonly leash: Leash;
  readonly log: LogFile;
  /** Something happened that the person at the terminal may want to know. */
  readonly notice: (text: string) => void;
  /** It is ready, for the first time or again as another process. */
  readonly started: () => void;
  /** The process could not be kept running; the platform should stop. */
  readonly giveUp: (error: AppError) => void;
}

/** A child process that is started again when it dies, until it is told to stop. */
export class SupervisedProcess {
  readonly spec: ProcessSpec;
  readonly #supervision: Supervision;
  readonly #policy = new RestartPolicy();
  readonly #tail: string[] = [];
  #child: ChildProcess | undefined;
  #spawning: Promise<void> | undefined;
  #restartTimer: NodeJS.Timeout | undefined;
  #isStopping = false;
  #isReady = false;
  /** Of the present life; settled once. */
  #ready = makeReady();

  constructor(spec: ProcessSpec, supervision: Supervision) {
    this.spec = spec;
    this.#supervision = supervision;
  }

  get pid(): number | undefined {
    return isRunning(this.#child) ? this.#child?.pid : undefined;
  }

  /** Starts it and waits until it is ready; fails with what it printed last. */
  async start(): Promise<void> {
    this.#isStopping = false;
    await this.#spawn();
    await this.#ready.promise;
  }

  /** Resolves when it is ready; after `kill`, when it is ready again. */
  whenReady(): Promise<void> {
    return this.#ready.promise;
  }

  /** Sends a signal without the intent to stop: what dies of it comes back. */
  kill(signal: NodeJS.Signals): void {
    if (this.#isReady && signal !== "SIGSTOP" && signal !== "SIGCONT") {
      this.#ready = makeReady();
    }
    this.#child?.kill(signal);
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#restartTimer);
    this.#ready.reject(new AppError("cancelled", `${this.spec.name} was stopped.`));
    await this.#spawning?.catch(() => undefined);
    const child = this.#child;
    if (child === undefined || !isRunning(child)) {
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
    this.#ready = makeReady();
    await this.start();
  }

  #spawn(): Promise<void> {
    this.#spawning = this.#prepareAndSpawn();
    return this.#spawning;
  }

  async #prepareAndSpawn(): Promise<void> {
    const { spec } = this;
    const { leash } = this.#supervision;
    await spec.prepare?.(leash);
    if (this.#isStopping) {
      return;
    }
    const child = spawn(spec.command, spec.args, {
      cwd: spec.cwd,
      env: spec.env,
      // Its own group and session: Ctrl-C reaches only the supervisor, which ends all in order.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      ...(spec.uid === undefined ? {} : { uid: spec.uid, gid: spec.gid }),
    });
    this.#child = child;
    const startedAt = performance.now();
    const { pid } = child;
    if (pid === undefined) {
      child.once("error", (error) => {
        this.#remember(`${spec.command}: ${error.message}`);
        this.#onExit(child, 0);
      });
      return;
    }
    leash.hold(pid, spec.stopSignal);
    this.#capture(child);
    child.once("exit", () => {
      leash.letGo(pid);
      this.#onExit(child, performance.now() - startedAt);
    });
    void this.#watchReady(child);
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

  async #watchReady(child: ChildProcess): Promise<void> {
    const ended = new AbortController();
    child.once("exit", () => ended.abort());
    const deadline = performance.now() + READY_TIMEOUT_MS;
    while (!ended.signal.aborted) {
      const isReady = await this.spec.isReady(ended.signal).catch(() => false);
      if (isReady && !ended.signal.aborted) {
        this.#isReady = true;
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

  #onExit(child: ChildProcess, livedMs: number): void {
    const wasReady = this.#isReady;
    this.#isReady = false;
    if (this.#isStopping) {
      return;
    }
    const exitCode = child.exitCode ?? undefined;
    const pauseMs = this.#policy.decide({ wasReady, livedMs, exitCode });
    if (pauseMs === undefined) {
      this.#giveUp(this.#describeFailure());
      return;
    }
    if (wasReady) {
      this.#ready = makeReady(this.#ready);
    }
    this.#supervision.notice(`${this.spec.name} ended (${describeEnd(child)}); starting it again`);
    this.#restartTimer = setTimeout(() => {
      this.#spawn().catch((error: unknown) => this.#giveUp(AppError.from(error)));
    }, pauseMs);
  }

  #giveUp(error: AppError): void {
    this.#ready.reject(error);
    this.#supervision.giveUp(error);
  }

  async #describeDelay(): Promise<AppError> {
    const { name } = this.spec;
    const state = await this.spec.explain?.().catch(() => undefined);
    const reason = state === undefined ? "" : ` (${state})`;
    return new AppError(
      "unavailable",
      `${name} is not ready ${READY_TIMEOUT_MS / 1_000} s after its start${reason}. Its log is ${this.#supervision.log.path}.`,
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

interface Ready extends PromiseWithResolvers<void> {
  isSettled: boolean;
}

/** A promise to be ready; one that nobody has settled yet stays the promise of who waits for it. */
function makeReady(present?: Ready): Ready {
  if (present?.isSettled === false) {
    return present;
  }
  const ready: Ready = { ...Promise.withResolvers<void>(), isSettled: false };
  const settle = () => {
    ready.isSettled = true;
  };
  ready.promise.then(settle, settle);
  return ready;
}

function isRunning(child: ChildProcess | undefined): boolean {
  return child?.pid !== undefined && child.exitCode === null && child.signalCode === null;
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
