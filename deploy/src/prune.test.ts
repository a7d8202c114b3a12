import { spawnSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, it } from "vitest";

const WHEN = 1_700_000_000;

function makeTree(paths: readonly string[]): string {
  const root = mkdtempSync(join(tmpdir(), "fairlead-prune-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const path of paths) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), path);
  }
  return root;
}

it("takes out what never runs, keeps code and licences, and sets the times", () => {
  const pg = "node_modules/.pnpm/pg@8.0.0/node_modules/pg";
  const scoped = "node_modules/.pnpm/@a+b@1.0.0/node_modules/@a/b";
  const kept = [
    "dist/main.js",
    "migrations/0001-first.sql",
    `${pg}/LICENSE.md`,
    `${pg}/lib/test/code.js`,
    `${scoped}/package.json`,
  ];
  const gone = [
    "dist/main.d.ts",
    `${pg}/README.md`,
    `${pg}/lib/index.js.map`,
    `${pg}/test/unit.js`,
    `${scoped}/docs/index.html`,
    `${scoped}/src/only-types.ts`,
    "node_modules/.modules.yaml",
  ];
  const root = makeTree([...kept, ...gone]);
  symlinkSync(".pnpm/pg@8.0.0/node_modules/pg", join(root, "node_modules/pg"));
  const script = join(import.meta.dirname, "prune.ts");
  const { status, stderr } = spawnSync(process.execPath, [script, root, String(WHEN)]);
  expect(status, String(stderr)).toBe(0);
  expect(kept.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  expect(gone.filter((path) => existsSync(join(root, path)))).toEqual([]);
  // A folder with nothing in it says nothing.
  expect(existsSync(join(root, scoped, "src"))).toBe(false);
  for (const path of ["", "dist/main.js", "node_modules/pg", pg]) {
    expect(lstatSync(join(root, path)).mtimeMs).toBe(WHEN * 1_000);
  }
});
