import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { UsageBatchSchema } from "@fairlead/proto/usage/v1/usage";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { UsageSpool } from "./usage-spool.ts";

vi.mock("node:crypto", () => ({ randomUUID: () => "always-the-same" }));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fairlead-spool-"));
});
afterEach(() => rm(folder, { recursive: true }));
afterEach(() => void vi.restoreAllMocks());

const batch = create(UsageBatchSchema, { source: "test" });

it("leaves nothing behind of a batch that could not be written whole", async () => {
  const spool = await UsageSpool.open({ folder, bytesMax: 1_000 });
  vi.spyOn(Date, "now").mockReturnValue(1);
  // A folder in its place: the file is written, and cannot get its name.
  const name = "000000000000001-always-the-same.usage";
  await mkdir(join(folder, name));
  await expect(spool.append(batch)).rejects.toThrow();
  expect(await readdir(folder)).toEqual([name]);
});

it("clears away what a dead process had begun to write", async () => {
  await writeFile(join(folder, "000000000000001-a.tmp"), "half");
  await UsageSpool.open({ folder, bytesMax: 1_000 });
  expect(await readdir(folder)).toEqual([]);
});
