import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
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

/**
 * A copy of the tracked tree that shares the installed dependencies, so that planting is harmless.
 */
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

function run({ command }: Pick<Violation, "command">): { status: number | null; output: string } {
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

describe("a break of a released protocol", () => {
  const check: readonly [string, ...string[]] = [
    "node",
    "--conditions=@fairlead/source",
    "packages/local/src/checks/breaking.ts",
  ];
  const git = (...args: readonly string[]) => {
    const identity = ["-c", "user.name=planted", "-c", "user.email=planted@localhost"];
    execFileSync("git", [...identity, ...args], { cwd: copy });
  };
  const path = "proto/fairlead/router/v1/router.proto";

  it("is caught once there is a tag, and without one the check says so", () => {
    git("add", "proto");
    git("commit", "--quiet", "--message", "A release");
    expect(run({ command: check })).toEqual({
      status: 0,
      output: expect.stringContaining("[notice] nothing to compare with: no tag"),
    });
    git("tag", "v0.1.0");
    const text = readFileSync(join(root, path), "utf8");
    try {
      writeFileSync(join(copy, path), `${text}\nmessage Planted {\n  string it = 1;\n}\n`);
      expect(run({ command: check })).toMatchObject({ status: 0 });
      for (const [change, expected] of [
        [text.replace(/(string \w+) = 1;/, "$1 = 99;"), /Previously present field "1"/],
        [text.replace(/^ {2}rpc .*;$/m, ""), /Previously present RPC/],
      ] as const) {
        expect(change).not.toBe(text);
        writeFileSync(join(copy, path), change);
        const { status, output } = run({ command: check });
        expect(output).toMatch(expected);
        expect(output).toContain("Not compatible with the protos of v0.1.0");
        expect(status).toBe(1);
      }
    } finally {
      writeFileSync(join(copy, path), text);
    }
  }, 120_000);
});

function restore({ path }: Violation): void {
  const original = join(root, path);
  if (existsSync(original)) {
    cpSync(original, join(copy, path));
  } else {
    rmSync(join(copy, path));
  }
}
