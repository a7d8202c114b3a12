import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repository } from "../config.ts";

/** Where buf.gen.yaml writes, from the folder it is told to write to. */
const OUTPUT = "../packages/proto/src/gen";

/** Generates the protobuf code anew beside the committed one; names the files that differ. */
function findOutdated(): string[] {
  const workshop = mkdtempSync(join(tmpdir(), "fairlead-generated-"));
  try {
    const target = join(workshop, "proto");
    mkdirSync(target);
    const { status, stderr, stdout } = spawnSync("buf", ["generate", "--output", target], {
      cwd: join(repository, "proto"),
      encoding: "utf8",
    });
    if (status !== 0) {
      return [`buf generate failed: ${stderr}${stdout}`];
    }
    const [fresh, committed] = [target, join(repository, "proto")].map((base) =>
      readTree(join(base, OUTPUT)),
    ) as [Map<string, string>, Map<string, string>];
    const names = [...new Set([...fresh.keys(), ...committed.keys()])].toSorted();
    return names.filter((name) => fresh.get(name) !== committed.get(name));
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}

function readTree(folder: string): Map<string, string> {
  if (!existsSync(folder)) {
    return new Map();
  }
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((it) => it.isFile()).map((it) => join(it.parentPath, it.name));
  return new Map(paths.map((path) => [path.slice(folder.length + 1), readFileSync(path, "utf8")]));
}

const outdated = findOutdated();
if (outdated.length > 0) {
  console.error(
    `Not what \`npm run generate\` makes of the protos; run it and commit:\n  ${outdated.join("\n  ")}`,
  );
  process.exitCode = 1;
}
