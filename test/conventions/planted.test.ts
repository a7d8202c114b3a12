import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Violation, violations } from "./violations.ts";

const root = resolve(import.meta.dirname, "../..");
const bin = join(root, "node_modules/.bin");
let copy = "";

/** A copy of the tracked tree that shares the installed dependencies, so that planting is harmless. */
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "fairlead-planted-"));
  const list = execFileSync(
    "git",
    ["ls-files", "--cached", "--others", "--exclude-standard", "-z"],
    {
      cwd: root,
      maxBuffer: 64 * 1_048_576,
    },
  );
  const files = list.toString().split("\0").filter(Boolean);
  for (const file of files) {
    cpSync(join(root, file), join(copy, file), {
      recursive: true,
      force: true,
      errorOnExist: false,
    });
  }
  const packages = files
    .filter((file) => file.endsWith("package.json"))
    .map((file) => dirname(file));
  for (const folder of packages) {
    symlinkSync(join(root, folder, "node_modules"), join(copy, folder, "node_modules"));
  }
  execFileSync("git", ["init", "--quiet"], { cwd: copy });
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

function run({ command }: Violation): { status: number | null; output: string } {
  const [program = "", ...args] = command;
  const result = spawnSync(program, args, {
    cwd: copy,
    encoding: "utf8",
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` },
    maxBuffer: 64 * 1_048_576,
  });
  return { status: result.status, output: result.stdout + result.stderr };
}

describe("a planted violation is caught", () => {
  it.each(violations)(
    "$rule",
    (violation) => {
      const path = join(copy, violation.path);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, violation.content, { flag: violation.isAppended ? "a" : "w" });
      const { status, output } = run(violation);
      restore(violation);
      expect(output).toMatch(violation.expected);
      expect(status).not.toBe(0);
    },
    120_000,
  );
});

function restore({ path }: Violation): void {
  const original = join(root, path);
  if (existsSync(original)) {
    cpSync(original, join(copy, path));
  } else {
    rmSync(join(copy, path));
  }
}
