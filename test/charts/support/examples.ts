import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { renderFile, umbrella } from "./helm.ts";

const folder = join(umbrella, "examples");

/** default, production, …: the folders of charts/fairlead/examples. */
export const cases = readdirSync(folder).toSorted();

export function findValues(name: string): string {
  return join(folder, name, "values.yaml");
}

export function findRendered(name: string): string {
  return join(folder, name, "rendered");
}

/** What is committed for a case: content by file name. */
export function readRendered(name: string): Record<string, string> {
  const path = findRendered(name);
  const files = readdirSync(path).toSorted();
  return Object.fromEntries(files.map((file) => [file, readFileSync(join(path, file), "utf8")]));
}

/**
 * What the chart makes of a case now: a file for each chart, its objects in the order that Helm
 * applies them. Generated secrets differ each time and are left out.
 */
export function renderExample(name: string): Record<string, string> {
  const { isSuccess, output, errors } = renderFile(findValues(name));
  if (!isSuccess) {
    throw new Error(`The example ${name} cannot be rendered: ${errors}`);
  }
  const files = new Map<string, string>();
  for (const text of output.split(/^---$/m)) {
    const source = /^# Source: fairlead\/(?:charts\/([^/]+)\/)?/m.exec(text);
    if (source !== null) {
      const file = `${source[1] ?? "fairlead"}.yaml`;
      files.set(file, `${files.get(file) ?? ""}---\n${normalize(text)}`);
    }
  }
  return Object.fromEntries([...files].toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

function normalize(text: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const isSecret = lines.includes("kind: Secret");
  return lines
    .map((line) =>
      isSecret ? line.replace(/^( {2}[-a-z]+: )[\w+/=]{40,}$/, "$1(generated)") : line,
    )
    .join("\n")
    .concat("\n");
}
