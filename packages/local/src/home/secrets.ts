import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const SECRET_BYTES = 32;

/** Small secrets, one file each, readable by their owner only. */
export class Secrets {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  read(name: string): string | undefined {
    const path = join(this.#folder, name);
    return existsSync(path) ? readFileSync(path, "utf8").trim() : undefined;
  }

  /** Whole or not at all, also when the process is killed meanwhile. */
  write(name: string, value: string): void {
    const path = join(this.#folder, name);
    writeFileSync(`${path}.new`, `${value}\n`, { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }

  /** Made at the first call, the same ever after. 64 hex digits. */
  readOrMake(name: string): string {
    const kept = this.read(name);
    if (kept !== undefined && kept !== "") {
      return kept;
    }
    const made = randomBytes(SECRET_BYTES).toString("hex");
    this.write(name, made);
    return made;
  }
}
