import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { z } from "zod";
import type { NamedQuery } from "./find-unexported.ts";

export const repository = fileURLToPath(new URL("../../", import.meta.url));
export const alertsFolder = `${repository}deploy/alerts/`;
export const runbooksFolder = `${repository}docs/runbooks/`;
export const dashboardsFolder = `${repository}deploy/dashboards/`;

const rule = z.strictObject({
  record: z.string().optional(),
  alert: z.string().optional(),
  expr: z.string(),
  for: z.string().optional(),
  labels: z.record(z.string(), z.string()).default({}),
  annotations: z.record(z.string(), z.string()).default({}),
});
const ruleFile = z.strictObject({
  groups: z.array(z.strictObject({ name: z.string(), rules: z.array(rule).min(1) })).min(1),
});
const target = z.object({ expr: z.string() });
const panel = z.object({
  title: z.string(),
  type: z.string(),
  targets: z.array(target).default([]),
});
const dashboard = z.object({ uid: z.string(), title: z.string(), panels: z.array(panel) });

export type Rule = z.infer<typeof rule>;

/** All rules of deploy/alerts. Throws where a file has another shape than a group of rules. */
export function readRules(): Rule[] {
  return listFiles(alertsFolder, ".yaml").flatMap((name) =>
    ruleFile
      .parse(parse(readFileSync(alertsFolder + name, "utf8")))
      .groups.flatMap(({ rules }) => rules),
  );
}

/** The dashboards by the name of their file. */
export function readDashboards(): Map<string, z.infer<typeof dashboard>> {
  return new Map(
    listFiles(dashboardsFolder, ".json").map((name) => [
      name,
      dashboard.parse(JSON.parse(readFileSync(dashboardsFolder + name, "utf8"))),
    ]),
  );
}

/** The queries of all panels, with a time in place of Grafana's own variables. */
export function readPanelQueries(): NamedQuery[] {
  return [...readDashboards()].flatMap(([file, { panels }]) =>
    panels.flatMap(({ title, targets }) =>
      targets.map(({ expr }) => ({
        place: `${file}, "${title}"`,
        query: expr.replaceAll(/\$__(?:rate_interval|range)\b/g, "5m"),
      })),
    ),
  );
}

export function readRuleQueries(): NamedQuery[] {
  return readRules().map(({ alert, record, expr }) => ({
    place: `rule ${alert ?? record}`,
    query: expr,
  }));
}

/**
 * What the runbooks tell to run, by the language of its block: `sql`, `promql` (a query a line).
 */
export function readRunbookBlocks(language: "sql" | "promql"): NamedQuery[] {
  return listFiles(runbooksFolder, ".md").flatMap((name) => {
    const text = readFileSync(runbooksFolder + name, "utf8");
    const blocks = text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"));
    return [...blocks].map(([, query = ""]) => ({ place: `docs/runbooks/${name}`, query }));
  });
}

export function readRunbookQueries(): NamedQuery[] {
  return readRunbookBlocks("promql").flatMap(({ place, query }) =>
    query
      .trim()
      .split("\n")
      .map((line) => ({ place, query: line })),
  );
}

export function listFiles(folder: string, ending: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith(ending));
}
