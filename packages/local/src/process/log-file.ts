import { closeSync, openSync, renameSync, statSync, writeSync } from "node:fs";

/** A log file and its predecessor together never exceed twice this. */
const LOG_BYTES_MAX = 16 * 1024 * 1024;

/** Appends to a file; when it is full, it becomes `<name>.1` and a new one begins. */
export class LogFile {
  readonly path: string;
  #descriptor: number;
  #bytes: number;

  constructor(path: string) {
    this.path = path;
    this.#descriptor = openSync(path, "a", 0o600);
    this.#bytes = statSync(path).size;
  }

  write(chunk: Buffer): void {
    if (this.#descriptor < 0) {
      return;
    }
    try {
      if (this.#bytes + chunk.length > LOG_BYTES_MAX) {
        this.#rotate();
      }
      writeSync(this.#descriptor, chunk);
      this.#bytes += chunk.length;
    } catch {
      // A full disk must not end the platform for the sake of its logs.
    }
  }

  close(): void {
    if (this.#descriptor >= 0) {
      closeSync(this.#descriptor);
      this.#descriptor = -1;
    }
  }

  #rotate(): void {
    closeSync(this.#descriptor);
    renameSync(this.path, `${this.path}.1`);
    this.#descriptor = openSync(this.path, "a", 0o600);
    this.#bytes = 0;
  }
}
