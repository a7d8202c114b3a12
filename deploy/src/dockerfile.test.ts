import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const repository = join(import.meta.dirname, "../..");
const readText = (path: string) => readFileSync(join(repository, path), "utf8");

it("takes the pnpm that the toolchain pins", () => {
  const pinned = /PNPM_VERSION = "(.+)"/.exec(readText("packages/local/toolchain.mjs"))?.[1];
  expect(/^ARG PNPM_VERSION=(.+)$/m.exec(readText("deploy/Dockerfile"))?.[1]).toBe(pinned);
});
