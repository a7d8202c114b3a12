const START_FAILURES_MAX = 5;
/** A process that ends sooner than this after its start is restarted with a pause. */
const STEADY_MS = 5_000;
const PAUSE_FIRST_MS = 200;
const PAUSE_MAX_MS = 5_000;
/** sysexits.h EX_CONFIG: another start would find the same fault. */
const EXIT_CONFIG = 78;

export interface ProcessEnd {
  readonly wasReady: boolean;
  readonly livedMs: number;
  /** Absent when a signal ended it. */
  readonly exitCode: number | undefined;
}

/** When to start a process again that ended by itself. */
export class RestartPolicy {
  #startFailures = 0;
  #quickEnds = 0;

  /**
   * Milliseconds to wait before the next start, or undefined to give up. What ran well comes back
   * at once; what keeps ending waits longer each time; what never gets ready is given up.
   */
  decide({ wasReady, livedMs, exitCode }: ProcessEnd): number | undefined {
    this.#startFailures = wasReady ? 0 : this.#startFailures + 1;
    this.#quickEnds = wasReady && livedMs < STEADY_MS ? this.#quickEnds + 1 : 0;
    if (!wasReady && (exitCode === EXIT_CONFIG || this.#startFailures >= START_FAILURES_MAX)) {
      return undefined;
    }
    // The first quick end may be a test's doing.
    const failures = Math.max(this.#startFailures, this.#quickEnds - 1);
    return failures === 0 ? 0 : Math.min(PAUSE_FIRST_MS * 2 ** (failures - 1), PAUSE_MAX_MS);
  }
}
