import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { renderDashboards } from "../../deploy/dashboards/render-dashboards.ts";
import {
  dashboardsFolder,
  listFiles,
  readDashboards,
  readPanelQueries,
} from "./read-definitions.ts";
import { readQuery } from "./promql.ts";

const RECORDED = "fairlead:";

describe("dashboards", () => {
  it("are what npm run generate makes of their definitions", () => {
    const committed = listFiles(dashboardsFolder, ".json").map((name) => [
      name,
      readFileSync(dashboardsFolder + name, "utf8"),
    ]);
    expect(Object.fromEntries(committed)).toEqual(Object.fromEntries(renderDashboards()));
  });

  it.each([...readDashboards()])("%s is bound to no data source and no Grafana", (_name, it) => {
    expect(it).not.toHaveProperty("id");
    expect(it.uid).toMatch(/^fairlead-[a-z]+$/);
    expect(JSON.stringify(it.panels)).not.toMatch(/"uid":"(?!\$datasource)/);
    const titles = it.panels
      .filter(({ type }) => type !== "row")
      .map(({ targets }) => targets.length);
    expect(titles.every((count) => count > 0)).toBe(true);
  });

  it.each(readPanelQueries())("$place: keeps to the chosen jobs and instances", ({ query }) => {
    for (const { metric, labels } of readQuery(query).selectors) {
      if (!metric.startsWith(RECORDED)) {
        expect(labels).toEqual(expect.arrayContaining(["job", "instance"]));
      }
    }
  });
});
