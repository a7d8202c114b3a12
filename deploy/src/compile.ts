// `pnpm build`: compiles what runs in production to the `dist` folder of each package and service.
// One run of the compiler, from the entries of tsconfig.build.json: what no entry imports, tests
// above all, is not emitted.
import { spawnSync } from "node:child_process";
import {
  existsSync,
  globSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { dirname, join } from "node:path";

const repository = join(import.meta.dirname, "../..");

/** Compiles all; true when the compiler had nothing to complain about. */
function compile(): boolean {
  // In the repository, so that a rename never crosses file systems.
  const emitted = mkdtempSync(join(repository, "node_modules/.build-"));
  try {
    const tsc = join(repository, "node_modules/typescript/bin/tsc");
    const args = [tsc, "--project", "tsconfig.build.json", "--outDir", emitted];
    const { status } = spawnSync(process.execPath, args, { cwd: repository, stdio: "inherit" });
    if (status !== 0 || !isComplete(emitted)) {
      return false;
    }
    for (const source of listSources(emitted)) {
      const dist = join(repository, dirname(source), "dist");
      rmSync(dist, { recursive: true, force: true });
      renameSync(join(emitted, source), dist);
    }
    return true;
  } finally {
    rmSync(emitted, { recursive: true, force: true });
  }
}

/** Whether each file is there that another one imports by its relative path. */
function isComplete(emitted: string): boolean {
  const missing = globSync("**/*.js", { cwd: emitted }).flatMap((file) => {
    const text = readFileSync(join(emitted, file), "utf8");
    const imports = [...text.matchAll(/^(?:import|export|\}) [^"]*"(\.{1,2}\/[^"]+\.js)";$/gm)];
    return imports
      .map(([, path = ""]) => join(dirname(file), path))
      .filter((path) => !existsSync(join(emitted, path)));
  });
  for (const path of new Set(missing)) {
    process.stderr.write(`${path} is imported, but the compiler did not emit it\n`);
  }
  return missing.length === 0;
}

/** `packages/bus/src`, `services/router/src`, … of the emitted tree. */
function listSources(emitted: string): string[] {
  return ["packages", "services"].flatMap((group) =>
    readdirSync(join(emitted, group))
      .map((name) => join(group, name, "src"))
      .filter((source) => existsSync(join(emitted, source))),
  );
}

process.exitCode = compile() ? 0 : 1;
