import { randomUUID } from "node:crypto";
import {
  access,
  constants,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
} from "node:fs/promises";
import { join } from "node:path";
import { decode, encode } from "@fairlead/proto/wire";
import { AppError } from "@fairlead/errors";
import { type UsageBatch, UsageBatchSchema } from "@fairlead/proto/usage/v1/usage";

const SUFFIX = ".usage";
const REFUSED_SUFFIX = ".refused";
/** Of a file that is still being written. */
const UNFINISHED_SUFFIX = ".tmp";

export interface UsageSpoolOptions {
  readonly folder: string;
  readonly bytesMax: number;
}

/**
 * Bills that neither the bus nor the ledger took, on disk: one file a batch, synced before it is
 * named, so that a file is either whole or not there. Bounded.
 */
export class UsageSpool {
  readonly #options: UsageSpoolOptions;
  #bytes = 0;
  #files = 0;

  private constructor(options: UsageSpoolOptions) {
    this.#options = options;
  }

  /** Counts what an earlier life of the process left behind. */
  static async open(options: UsageSpoolOptions): Promise<UsageSpool> {
    const spool = new UsageSpool(options);
    await makeFolder(options.folder);
    await removeUnfinished(options.folder);
    for (const name of await spool.#names()) {
      spool.#bytes += (await stat(join(options.folder, name))).size;
      spool.#files += 1;
    }
    return spool;
  }

  get files(): number {
    return this.#files;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Throws `unavailable` when the spool is full. */
  async append(batch: UsageBatch): Promise<void> {
    const { folder, bytesMax } = this.#options;
    const payload = encode(UsageBatchSchema, batch);
    if (this.#bytes + payload.length > bytesMax) {
      throw new AppError("unavailable", "The usage spool is full.");
    }
    const name = `${Date.now().toString().padStart(15, "0")}-${randomUUID()}`;
    const path = join(folder, name + UNFINISHED_SUFFIX);
    try {
      await writeSynced(path, payload);
      await rename(path, join(folder, name + SUFFIX));
    } catch (error) {
      // On a full disk, half a file would take the room that the next one needs.
      await rm(path, { force: true }).catch(() => undefined);
      throw error;
    }
    this.#bytes += payload.length;
    this.#files += 1;
  }

  /**
   * Hands the batches over, oldest first, and deletes each that was taken. Stops at the first that
   * was not. Returns how many were.
   */
  async replay(deliver: (batch: UsageBatch) => Promise<void>): Promise<number> {
    let delivered = 0;
    for (const name of await this.#names()) {
      const path = join(this.#options.folder, name);
      const payload = await readFile(path);
      const isTaken = await this.#hand(payload, deliver);
      // What nobody will ever take is kept for a person to look at, out of the others' way.
      await (isTaken ? rm(path) : rename(path, path + REFUSED_SUFFIX));
      this.#bytes -= payload.length;
      this.#files -= 1;
      delivered += isTaken ? 1 : 0;
    }
    return delivered;
  }

  /** False when the batch is refused for what it is, not for the moment. */
  async #hand(payload: Uint8Array, deliver: (batch: UsageBatch) => Promise<void>) {
    try {
      await deliver(decode(UsageBatchSchema, payload));
      return true;
    } catch (error) {
      const known = AppError.from(error);
      if (known.isRetryable || known.code === "cancelled") {
        throw known;
      }
      return false;
    }
  }

  async #names(): Promise<string[]> {
    const names = await readdir(this.#options.folder);
    return names.filter((name) => name.endsWith(SUFFIX)).toSorted();
  }
}

async function writeSynced(path: string, payload: Uint8Array): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(payload);
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** What an earlier life of the process was writing when it died was never said to be safe. */
async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.endsWith(UNFINISHED_SUFFIX)) {
      await rm(join(folder, name), { force: true });
    }
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw new AppError(
      "unavailable",
      `The usage spool cannot be written at ${folder}: make it writable or set SPOOL_DIR.`,
      { cause },
    );
  }
}
