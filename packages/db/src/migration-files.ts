import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "@fairlead/errors";

const namePattern = /^(\d{4})-[a-z0-9-]+\.sql$/;

export interface Migration {
  /** From 1, without gaps. */
  readonly version: number;
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the file, hex. */
  readonly checksum: string;
}

/** Reads `0001-name.sql`, `0002-…` in order. Throws when a file is misnamed or a number missing. */
export async function readMigrations(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  return Promise.all(
    names.map(async (name, index) => {
      const version = Number(namePattern.exec(name)?.[1]);
      if (version !== index + 1) {
        throw new AppError(
          "invalid_request",
          `Migration ${name} should have the number ${index + 1}.`,
        );
      }
      const sql = await readFile(join(folder, name), "utf8");
      const checksum = createHash("sha256").update(sql).digest("hex");
      return { version, name, sql, checksum };
    }),
  );
}
