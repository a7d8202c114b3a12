import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cases, findRendered, renderExample } from "./support/examples.ts";
import { findChecker, findHelm, root } from "./support/find-program.ts";
import { charts, HELM_VARIABLE, services } from "./support/helm.ts";
import { documentCommand } from "./support/readme.ts";
import { completeSchema } from "./support/sync-definitions.ts";

/** `npm run generate:charts`: shared definitions into the schemas, golden files, the README. */
const helm = findHelm(console.log);
if (helm === undefined) {
  throw new Error("There is no Helm: put it, or Go, on the PATH.");
}
process.env[HELM_VARIABLE] = helm;
for (const chart of [...services, "fairlead"]) {
  const text = JSON.stringify(completeSchema(chart), undefined, 2);
  writeFileSync(join(charts, chart, "values.schema.json"), `${text}\n`);
}
for (const name of cases) {
  const folder = findRendered(name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const [file, text] of Object.entries(renderExample(name))) {
    writeFileSync(join(folder, file), text);
  }
}
const helmDocs = findChecker("helm-docs");
if (helmDocs === undefined) {
  console.warn("There is no helm-docs: charts/fairlead/README.md stays as it is.");
} else {
  run([...helmDocs, ...documentCommand]);
}
run([join(root, "node_modules/.bin/biome"), "format", "--write", "charts"]);

function run([program = "", ...args]: readonly string[]): void {
  const { status } = spawnSync(program, args, { cwd: root, stdio: "inherit" });
  if (status !== 0) {
    throw new Error(`${program} failed.`);
  }
}
