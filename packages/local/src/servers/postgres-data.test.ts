import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkVersion } from "./postgres-data.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fairlead-data-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("checkVersion", () => {
  it("takes data of the same major version", () => {
    writeFileSync(join(folder, "PG_VERSION"), "18\n");
    expect(() => checkVersion(folder, 18)).not.toThrow();
  });

  it("names both versions and the remedy for data of another one", () => {
    writeFileSync(join(folder, "PG_VERSION"), "16\n");
    expect(() => checkVersion(folder, 18)).toThrow(
      /holds the data of PostgreSQL 16, and the one here is 18: move that folder away/,
    );
  });

  it("refuses a folder that holds something else", () => {
    expect(() => checkVersion(folder, 18)).toThrow(/PostgreSQL unknown/);
  });
});
