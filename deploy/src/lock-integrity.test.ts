import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readLockIntegrity } from "./lock-integrity.ts";

const lockFile = readFileSync(join(import.meta.dirname, "../../pnpm-lock.yaml"), "utf8");

it("finds the integrity of every package of the lock file", () => {
  const found = readLockIntegrity(lockFile);
  expect(found.size).toBe(lockFile.match(/resolution: \{integrity: /g)?.length);
  expect(found.get("@grpc/grpc-js@1.14.7")).toMatch(/^sha512-[\w+/]{86}==$/);
  expect(found.get("long@5.3.2")).toMatch(/^sha512-/);
});
