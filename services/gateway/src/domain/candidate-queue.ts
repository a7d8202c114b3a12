import type { Candidate } from "@fairlead/proto/router/v1/router";

/**
 * The candidates of a run in the order in which they are tried. A model that failed gives way
 * while the attempts left are needed for models that were not tried at all: they are there against
 * what all endpoints of the first share. What gave way is tried at the end, if attempts are left.
 */
export class CandidateQueue {
  #candidates: readonly Candidate[];
  #position = 0;
  /** Models of failed attempts; undefined before the first, so that most runs need none. */
  #failedModels: Set<string> | undefined;
  #deferred: Candidate[] = [];
  /** Its worker was lost once, which says nothing of it. */
  #forgiven: Candidate | undefined;

  constructor(candidates: readonly Candidate[]) {
    this.#candidates = candidates;
  }

  /** Undefined when there is none left. */
  next(attemptsLeft: number): Candidate | undefined {
    for (;;) {
      const candidate = this.#candidates[this.#position];
      if (candidate === undefined) {
        if (this.#deferred.length === 0) {
          return undefined;
        }
        this.restart(this.#deferred);
        continue;
      }
      this.#position += 1;
      if (!this.#givesWay(candidate, attemptsLeft)) {
        return candidate;
      }
      this.#deferred.push(candidate);
    }
  }

  /**
   * The attempt with the last candidate failed. `isWorkerLost`: it is tried again, on another
   * worker; but what loses one after the other gives way like what fails.
   */
  fail(isWorkerLost: boolean): void {
    const last = this.#candidates[this.#position - 1];
    if (last === undefined) {
      return;
    }
    if (isWorkerLost) {
      this.#position -= 1;
    }
    if (isWorkerLost && this.#forgiven !== last) {
      this.#forgiven = last;
    } else {
      this.#failedModels ??= new Set();
      this.#failedModels.add(last.model);
    }
  }

  /** Only these are left. */
  restart(candidates: readonly Candidate[]): void {
    this.#candidates = candidates;
    this.#position = 0;
    this.#deferred = [];
  }

  #givesWay({ model }: Candidate, attemptsLeft: number): boolean {
    const failed = this.#failedModels;
    if (failed === undefined || !failed.has(model)) {
      return false;
    }
    const untried = new Set<string>();
    for (let index = this.#position; index < this.#candidates.length; index += 1) {
      const other = this.#candidates[index]?.model;
      if (other !== undefined && !failed.has(other)) {
        untried.add(other);
      }
    }
    return untried.size >= attemptsLeft;
  }
}
