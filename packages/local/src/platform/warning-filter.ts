const REPEAT_AFTER_MS = 10_000;
const MESSAGES_MAX = 1_000;
const severe = new Set(["error", "fatal"]);
const line = /^\{"level":"(warn|error|fatal)".*"msg":"((?:[^"\\]|\\.)*)"\}$/;

/**
 * Picks from a service's log what the person at the terminal should see: warnings and worse, each
 * text once in ten seconds. While services wait for each other at the start, only what is worse.
 */
export class WarningFilter {
  readonly #notice: (text: string) => void;
  readonly #toldAt = new Map<string, number>();
  #isCalm = false;

  constructor(notice: (text: string) => void) {
    this.#notice = notice;
  }

  /** From now on all parts are there: a warning means something. */
  setCalm(): void {
    this.#isCalm = true;
  }

  read(service: string, text: string): void {
    const [, level = "", message = ""] = line.exec(text) ?? [];
    if (level === "" || !(this.#isCalm || severe.has(level))) {
      return;
    }
    const warning = `${service} ${level}: ${message}`;
    const now = performance.now();
    if (now - (this.#toldAt.get(warning) ?? Number.NEGATIVE_INFINITY) < REPEAT_AFTER_MS) {
      return;
    }
    if (this.#toldAt.size >= MESSAGES_MAX) {
      this.#toldAt.clear();
    }
    this.#toldAt.set(warning, now);
    this.#notice(warning);
  }
}
