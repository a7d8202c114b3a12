interface Check {
  readonly isReady: boolean;
  /** The reason, for people. */
  readonly detail?: string | undefined;
}

/**
 * Whether the process wants traffic: every reported check is ready, it has started, it is not
 * draining.
 */
export class Readiness {
  readonly #checks = new Map<string, () => Check>();
  #phase: "starting" | "running" | "draining" = "starting";

  report(name: string, isReady: boolean, detail?: string): void {
    const check = { isReady, detail };
    this.#checks.set(name, () => check);
  }

  /** As `report`, for what is known at any time: `read` is called when somebody asks. */
  observe(name: string, read: () => Check): void {
    this.#checks.set(name, read);
  }

  setRunning(): void {
    if (this.#phase === "starting") {
      this.#phase = "running";
    }
  }

  setDraining(): void {
    this.#phase = "draining";
  }

  /** The process goes away: what is under way ends, new work should go elsewhere. */
  get isDraining(): boolean {
    return this.#phase === "draining";
  }

  get isReady(): boolean {
    return this.#phase === "running" && [...this.#checks.values()].every((read) => read().isReady);
  }

  /** Each reported check and whether it is ready. */
  *checks(): Generator<[name: string, isReady: boolean]> {
    for (const [name, read] of this.#checks) {
      yield [name, read().isReady];
    }
  }

  /** What /readyz answers: the phase and each check with its reason. */
  describe(): Record<string, unknown> {
    const checks = Object.fromEntries(
      [...this.#checks].map(([name, read]) => {
        const { isReady, detail } = read();
        return [name, detail ?? (isReady ? "ready" : "not ready")];
      }),
    );
    return { status: this.isReady ? "ready" : "not ready", phase: this.#phase, checks };
  }
}
