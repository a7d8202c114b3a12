import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import { AppError } from "@fairlead/errors";
import { buildCatalog } from "./build-catalog.ts";
import type { Catalog } from "./catalog.ts";
import { type CatalogFault, formatFault } from "./catalog-fault.ts";
import { mergeOperatorFiles } from "./merge-operator-files.ts";
import { type OperatorFile, parseOperatorFile } from "./operator-file.ts";
import { readSnapshot } from "./snapshot.ts";

export type LoadedCatalog =
  | { readonly catalog: Catalog; readonly faults: readonly [] }
  | { readonly catalog: undefined; readonly faults: readonly CatalogFault[] };

/** Largest operator's file that is read, in bytes: a wrong path should not fill the memory. */
const fileBytesMax = 16 * 1024 * 1024;

/** Reads the built-in snapshot and lays the operator's files over it; reports every fault. */
export function readCatalog(paths: readonly string[]): LoadedCatalog {
  const faults: CatalogFault[] = [];
  const files: OperatorFile[] = [];
  for (const path of paths) {
    const parsed = readOperatorFile(path);
    faults.push(...parsed.faults);
    if (parsed.file !== undefined) {
      files.push(parsed.file);
    }
  }
  const snapshot = readSnapshot();
  const providers = new Map(snapshot.providers);
  faults.push(...mergeOperatorFiles(providers, files));
  if (faults.length > 0) {
    return { catalog: undefined, faults };
  }
  const catalog = buildCatalog({
    version: digestContent(snapshot.digest, files),
    providers: providers.values(),
    models: snapshot.models,
    aliases: new Map([...snapshot.aliases, ...files.flatMap(listAliases)]),
  });
  const aliasFaults = files.flatMap((file) => checkAliases(file, catalog));
  return aliasFaults.length > 0
    ? { catalog: undefined, faults: aliasFaults }
    : { catalog, faults: [] };
}

/** As `readCatalog`, for a process's start: an AppError that lists every fault. */
export function loadCatalog(paths: readonly string[]): Catalog {
  const { catalog, faults } = readCatalog(paths);
  if (catalog === undefined) {
    const lines = faults.map(formatFault).join("\n");
    throw new AppError("invalid_request", `The catalog has faults:\n${lines}`);
  }
  return catalog;
}

function readOperatorFile(path: string): ReturnType<typeof parseOperatorFile> {
  try {
    const bytes = readFileSync(path);
    if (bytes.length > fileBytesMax) {
      return unreadable(path, `is larger than ${fileBytesMax} bytes: is it the right file?`);
    }
    return parseOperatorFile(bytes.toString("utf8"), path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return unreadable(path, `cannot be read: ${reason}`);
  }
}

function unreadable(file: string, problem: string): ReturnType<typeof parseOperatorFile> {
  return { file: undefined, faults: [{ file, line: 1, column: 1, field: "", problem }] };
}

function listAliases(file: OperatorFile): [string, string][] {
  return Object.entries(file.document.aliases ?? {});
}

function checkAliases(file: OperatorFile, catalog: Catalog): CatalogFault[] {
  return listAliases(file).flatMap(([alias, target]) => {
    if (!catalog.models.has(target)) {
      return [file.faultAt(["aliases", alias], `names "${target}", which no provider serves`)];
    }
    if (catalog.models.has(alias)) {
      return [file.faultAt(["aliases", alias], "is the id of a model: choose another name")];
    }
    return [];
  });
}

/** Of the content, not of its layout: comments and blank lines change nothing. */
function digestContent(snapshotDigest: string, files: readonly OperatorFile[]): bigint {
  const parts = [snapshotDigest, ...files.map((file) => JSON.stringify(file.document))];
  return BigInt(`0x${hash("sha256", parts.join("\n"), "hex").slice(0, 16)}`);
}
