import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { listFiles, readRules, repository, runbooksFolder } from "./read-definitions.ts";

const sections = ["What it means", "What users see", "Find the cause", "Mend", "Verify"];
const alerts = readRules().filter(({ alert }) => alert !== undefined);

function toPage(alert: string): string {
  const words = alert.replace(/^Fairlead/, "").replaceAll(/(?<=[a-z])(?=[A-Z])/g, "-");
  return `docs/runbooks/${words.toLowerCase()}.md`;
}

describe("alerts", () => {
  it.each(alerts)(
    "$alert says who must act, what is wrong with its figure, and what to do",
    (rule) => {
      expect(rule.labels.severity).toMatch(/^(page|ticket)$/);
      expect(rule.annotations.summary).toMatch(/\w/);
      // What is absent has no figure.
      const shown = rule.expr.startsWith("absent(") ? "$labels" : "$";
      expect(rule.annotations.description).toContain(shown);
      expect(rule.annotations.runbook_url).toBe(toPage(rule.alert ?? ""));
      expect(existsSync(repository + rule.annotations.runbook_url)).toBe(true);
    },
  );
});

describe("runbooks", () => {
  const pages = listFiles(runbooksFolder, ".md");
  const byPage = new Map(alerts.map(({ alert = "" }) => [toPage(alert), alert]));

  it.each(pages)("%s is that of an alert, with all sections", (name) => {
    const text = readFileSync(runbooksFolder + name, "utf8");
    const alert = byPage.get(`docs/runbooks/${name}`);
    expect(alert).toBeDefined();
    expect(text.split("\n", 1)[0]).toBe(`# ${alert}`);
    const found = [...text.matchAll(/^## (.*)$/gm)].map(([, title]) => title);
    expect(found).toEqual(sections);
  });
});
