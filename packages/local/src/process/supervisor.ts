import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "@fairlead/errors";
import { Leash } from "./leash.ts";
import { LogFile } from "./log-file.ts";
import type { ProcessSpec } from "./process-spec.ts";
import { SupervisedProcess } from "./supervised-process.ts";

export interface SupervisorOptions {
  readonly logFolder: string;
  /** Something happened that the person at the terminal may want to know. */
  readonly notice: (text: string) => void;
  /** A process cannot be kept running. */
  readonly giveUp: (error: AppError) => void;
}

/** Keeps a set of processes running, and ends them all, in reverse order of their stages. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  /** For whatever else must not outlive this process. */
  readonly leash = new Leash();
  readonly #stages: SupervisedProcess[][] = [];
  readonly #logs: LogFile[] = [];
  #isStopped = false;
  /** Called whenever a process has become ready, the first time and after a crash. */
  onStarted: () => void = () => undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    mkdirSync(options.logFolder, { recursive: true, mode: 0o700 });
  }

  /**
   * Starts all together and resolves when all are ready. They end stage by stage, the last stage
   * first, and before what was started earlier.
   */
  async start(...stages: readonly (readonly ProcessSpec[])[]): Promise<void> {
    if (this.#isStopped) {
      throw new AppError("cancelled", "The start was stopped.");
    }
    const created = stages.map((specs) => specs.map((spec) => this.#create(spec)));
    this.#stages.push(...created);
    await Promise.all(created.flat().map((process) => process.start()));
  }

  get processes(): SupervisedProcess[] {
    return this.#stages.flat();
  }

  find(name: string): SupervisedProcess {
    const found = this.processes.find((process) => process.spec.name === name);
    if (found === undefined) {
      const names = this.processes.map((process) => process.spec.name).join(", ");
      throw new Error(`no process ${name}; there are ${names}`);
    }
    return found;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const stage of this.#stages.splice(0).toReversed()) {
      await Promise.all(stage.map((process) => process.stop()));
    }
    await this.leash.release();
    for (const log of this.#logs.splice(0)) {
      log.close();
    }
  }

  #create(spec: ProcessSpec): SupervisedProcess {
    const log = new LogFile(join(this.#options.logFolder, `${spec.name}.log`));
    this.#logs.push(log);
    const { notice, giveUp } = this.#options;
    return new SupervisedProcess(spec, {
      leash: this.leash,
      log,
      notice,
      giveUp,
      started: () => this.onStarted(),
    });
  }
}
