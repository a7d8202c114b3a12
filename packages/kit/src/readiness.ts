interface Check {
  readonly isReady: boolean;
  readonly detail: string | undefined;
}

/** Whether the process wants traffic: every reported check is ready, it has started, it is not draining. */
export class Readiness {
  readonly #checks = new Map<string, Check>();
  #phase: "starting" | "running" | "draining" = "starting";

  report(name: string, isReady: boolean, detail?: string): void {
    this.#checks.set(name, { isReady, detail });
  }

  setRunning(): void {
    if (this.#phase === "starting") {
      this.#phase = "running";
    }
  }

  setDraining(): void {
    this.#phase = "draining";
  }

  get isReady(): boolean {
    return this.#phase === "running" && [...this.#checks.values()].every((check) => check.isReady);
  }

  /** What /readyz answers: the phase and each check with its reason. */
  describe(): Record<string, unknown> {
    const checks = Object.fromEntries(
      [...this.#checks].map(([name, check]) => [
        name,
        check.detail ?? (check.isReady ? "ready" : "not ready"),
      ]),
    );
    return { status: this.isReady ? "ready" : "not ready", phase: this.#phase, checks };
  }
}
