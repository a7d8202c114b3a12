import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { LineReader } from "./line-reader.ts";
import { LogFile } from "./log-file.ts";

it("a log file keeps its last 16 to 32 MB in two files", () => {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-log-"));
  const log = new LogFile(join(folder, "x.log"));
  const megabyte = Buffer.alloc(1024 * 1024, "x");
  for (let count = 0; count < 50; count += 1) {
    log.write(megabyte);
  }
  log.close();
  expect(readdirSync(folder).toSorted()).toEqual(["x.log", "x.log.1"]);
  expect(statSync(join(folder, "x.log.1")).size).toBe(16 * 1024 * 1024);
  rmSync(folder, { recursive: true });
});

it("a line reader joins what was cut anywhere, also inside a character", () => {
  const lines: string[] = [];
  const reader = new LineReader((line) => lines.push(line));
  for (const byte of Buffer.from("één\ntwo\nrest")) {
    reader.push(Buffer.from([byte]));
  }
  expect(lines).toEqual(["één", "two"]);
});
