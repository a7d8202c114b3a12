import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { repository } from "../config.ts";

/** Runs a program to its end in the repository. */
function run(program: string, args: readonly string[], folder = "."): [boolean, string] {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd: join(repository, folder),
    encoding: "utf8",
  });
  return [status === 0, error === undefined ? (stdout + stderr).trim() : String(error)];
}

/** Released protos are a promise: these must be compatible with those of the last tag before. */
function compareWithLastTag(): void {
  // Without the folder of git itself, as in an archive, there are no tags either.
  const [isClone, git] = run("git", ["rev-parse", "--path-format=absolute", "--git-common-dir"]);
  const [hasTag, tag] = run("git", ["describe", "--tags", "--abbrev=0"]);
  if (!isClone || !hasTag) {
    console.log("[notice] nothing to compare with: no tag of a release is in this clone");
    return;
  }
  const against = `${git}#format=git,tag=${tag},subdir=proto`;
  const [isCompatible, faults] = run("buf", ["breaking", "--against", against], "proto");
  if (!isCompatible) {
    console.error(`Not compatible with the protos of ${tag}:\n${faults}`);
    process.exitCode = 1;
    return;
  }
  console.log(`[notice] compared with ${tag}`);
}

compareWithLastTag();
