import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { charts } from "./helm.ts";

const parts = z.record(z.string(), z.unknown());
const schemaFile = z.looseObject({ definitions: parts.optional(), properties: parts.optional() });

/**
 * The schema of a chart with those shared definitions (charts/common/values.definitions.json) that
 * it uses. Helm reads one file a chart, so each holds a copy. Returns JSON as Biome formats it, but
 * for line breaks.
 */
export function completeSchema(chart: string): unknown {
  const shared = read(join(charts, "common/values.definitions.json")).definitions ?? {};
  const { definitions: _, ...own } = read(join(charts, chart, "values.schema.json"));
  if (chart === "fairlead") {
    // Of a chart that is switched off Helm checks no values by its own schema.
    const { type, additionalProperties, properties } = readSchema("simulator");
    own.properties = {
      ...own.properties,
      simulator: { type, additionalProperties, properties },
    };
  }
  const used = new Set<string>();
  const visit = (node: unknown): void => {
    for (const [, name = ""] of JSON.stringify(node).matchAll(/"#\/definitions\/(\w+)"/g)) {
      if (!used.has(name)) {
        used.add(name);
        visit(shared[name] ?? `charts/common/values.definitions.json has no ${name}`);
      }
    }
  };
  visit(own);
  const entries = Object.entries(shared).filter(([name]) => used.has(name));
  return { ...own, definitions: Object.fromEntries(entries) };
}

export function readSchema(chart: string): z.output<typeof schemaFile> {
  return read(join(charts, chart, "values.schema.json"));
}

function read(path: string): z.output<typeof schemaFile> {
  return schemaFile.parse(JSON.parse(readFileSync(path, "utf8")));
}
