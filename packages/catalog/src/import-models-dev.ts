import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { convertModelsDev } from "./models-dev/convert-models-dev.ts";
import { parseModelsDev } from "./models-dev/wire.ts";
import type { SnapshotDocument } from "./snapshot-format.ts";

/**
 * Refreshes the built-in snapshot from a copy of models.dev's public `api.json`:
 *
 *     node --conditions=@fairlead/source src/import-models-dev.ts --source "models.dev <commit>" api.json
 */
const { values, positionals } = parseArgs({
  options: { source: { type: "string" } },
  allowPositionals: true,
});
const [path] = positionals;
if (path === undefined || values.source === undefined) {
  process.stderr.write('usage: import-models-dev.ts --source "models.dev <commit>" <api.json>\n');
  process.exit(64);
}
const { document, leftOut } = convertModelsDev(
  values.source,
  parseModelsDev(readFileSync(path, "utf8")),
);
writeFileSync(new URL("../snapshot/catalog.json", import.meta.url), formatSnapshot(document));
const count = document.providers.reduce((sum, provider) => sum + provider.endpoints.length, 0);
process.stdout.write(
  `${document.providers.length} providers, ${document.models.length} models, ${count} endpoints\n`,
);
for (const [reason, entries] of Object.entries(leftOut)) {
  process.stdout.write(`left out: ${entries} ${reason}\n`);
}

/** One line for each model and endpoint. */
function formatSnapshot(snapshot: SnapshotDocument): string {
  const rows = (values: readonly unknown[]) =>
    values.map((value) => JSON.stringify(value)).join(",\n");
  const providers = snapshot.providers.map(({ endpoints, ...provider }) => {
    const head = JSON.stringify(provider).slice(0, -1);
    return `${head},"endpoints":[\n${rows(endpoints)}\n]}`;
  });
  return [
    `{"source":${JSON.stringify(snapshot.source)},`,
    `"lists":[\n${rows(snapshot.lists)}\n],`,
    `"aliases":${JSON.stringify(snapshot.aliases, null, 1)},`,
    `"models":[\n${rows(snapshot.models)}\n],`,
    `"providers":[\n${providers.join(",\n")}\n]}\n`,
  ].join("\n");
}
