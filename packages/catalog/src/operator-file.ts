import { isNode, LineCounter, type Document, parseDocument } from "yaml";
import type { z } from "zod";
import type { CatalogFault } from "./catalog-fault.ts";
import { type OperatorDocument, operatorSchema } from "./operator-schema.ts";

export interface OperatorFile {
  readonly path: string;
  readonly document: OperatorDocument;
  /** Where a value stands, so that later checks can point at it too. */
  faultAt(path: readonly PropertyKey[], problem: string): CatalogFault;
}

export type ParsedOperatorFile =
  | { readonly file: OperatorFile; readonly faults: readonly [] }
  | { readonly file: undefined; readonly faults: readonly CatalogFault[] };

/** Aliases in YAML can blow a small file up; ours has no need of many. */
const yamlAliasesMax = 100;

/** Parses one operator's file and reports every fault of its form with its position. */
export function parseOperatorFile(source: string, path: string): ParsedOperatorFile {
  const lines = new LineCounter();
  const yaml = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  const locate = (at: readonly PropertyKey[], problem: string): CatalogFault => {
    const { line, col } = lines.linePos(findOffset(yaml, at));
    return { file: path, line, column: col, field: formatPath(at), problem };
  };
  if (yaml.errors.length > 0) {
    const faults = yaml.errors.map((error): CatalogFault => {
      const { line, col } = lines.linePos(error.pos[0]);
      const problem = `is not valid YAML: ${error.message.split("\n")[0]}`;
      return { file: path, line, column: col, field: "", problem };
    });
    return { file: undefined, faults };
  }
  const value = readValue(yaml);
  if (value === tooManyAliases) {
    const problem = `repeats anchors more than ${yamlAliasesMax} times: write the values out`;
    return { file: undefined, faults: [locate([], problem)] };
  }
  const parsed = operatorSchema.safeParse(value ?? {});
  if (!parsed.success) {
    const faults = parsed.error.issues.flatMap((issue) => explainIssue(issue, locate));
    return { file: undefined, faults };
  }
  return { file: { path, document: parsed.data, faultAt: locate }, faults: [] };
}

const tooManyAliases = Symbol("tooManyAliases");

function readValue(yaml: Document.Parsed): unknown {
  try {
    return yaml.toJS({ maxAliasCount: yamlAliasesMax });
  } catch (error) {
    if (error instanceof ReferenceError) {
      return tooManyAliases;
    }
    throw error;
  }
}

function explainIssue(
  issue: z.core.$ZodIssue,
  locate: (path: readonly PropertyKey[], problem: string) => CatalogFault,
): CatalogFault[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) =>
      locate([...issue.path, key], "is not a field of this file: remove it or correct its name"),
    );
  }
  if (issue.code === "invalid_key") {
    // The record's own words are about its form; its key's tell what to do.
    return issue.issues.map((each) => locate(issue.path, each.message));
  }
  if (issue.code === "invalid_type" && issue.message.endsWith("received undefined")) {
    return [locate(issue.path, `is missing: give it as a ${issue.expected}`)];
  }
  return [locate(issue.path, issue.message)];
}

/** Offset of the value at a path, or of its nearest ancestor when it is missing. */
function findOffset(yaml: Document.Parsed, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = yaml.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) {
      return node.range[0];
    }
  }
  return yaml.contents?.range?.[0] ?? 0;
}

function formatPath(path: readonly PropertyKey[]): string {
  let text = "";
  for (const part of path) {
    text += typeof part === "number" ? `[${part}]` : `${text === "" ? "" : "."}${String(part)}`;
  }
  return text;
}
