import type { CatalogFault } from "./catalog-fault.ts";
import type { EndpointDeclaration, ProviderDeclaration } from "./declaration.ts";
import { mergeDefined } from "./merge-defined.ts";
import { declareProvider } from "./operator-declarations.ts";
import type { OperatorFile } from "./operator-file.ts";

/**
 * Lays the operator's providers over those of the snapshot, in the order of the files. A provider
 * or endpoint that exists keeps what the operator does not name; a new one must be complete.
 * Returns every fault found; `providers` is changed in place and is of use only without faults.
 */
export function mergeOperatorFiles(
  providers: Map<string, ProviderDeclaration>,
  files: readonly OperatorFile[],
): CatalogFault[] {
  const faults: CatalogFault[] = [];
  const declaredIn = new Map<string, string>();
  for (const file of files) {
    for (const [index, raw] of (file.document.providers ?? []).entries()) {
      const path = ["providers", index];
      const report = (at: readonly PropertyKey[], problem: string) => {
        faults.push(file.faultAt([...path, ...at], problem));
      };
      const earlier = declaredIn.get(raw.id);
      if (earlier !== undefined) {
        report(["id"], `"${raw.id}" is declared already in ${earlier}: keep one declaration`);
        continue;
      }
      declaredIn.set(raw.id, file.path);
      providers.set(raw.id, mergeProvider(providers.get(raw.id), declareProvider(raw), report));
    }
  }
  return faults;
}

type Report = (at: readonly PropertyKey[], problem: string) => void;

function mergeProvider(
  base: ProviderDeclaration | undefined,
  over: ProviderDeclaration,
  report: Report,
): ProviderDeclaration {
  if (base === undefined) {
    if (over.dialect === undefined) {
      report(["id"], "is a new provider: add dialect (openai, anthropic or gemini)");
    }
    if (over.baseUrl === undefined) {
      report(["id"], "is a new provider: add base_url");
    }
  }
  const merged = mergeDefined(base, over);
  return { ...merged, endpoints: mergeEndpoints(base?.endpoints ?? [], over.endpoints, report) };
}

function mergeEndpoints(
  base: readonly EndpointDeclaration[],
  over: readonly EndpointDeclaration[],
  report: Report,
): EndpointDeclaration[] {
  const merged = [...base];
  const seen = new Set<string>();
  for (const [index, endpoint] of over.entries()) {
    const key = `${endpoint.model}|${endpoint.upstreamModel ?? ""}`;
    if (seen.has(key)) {
      report(
        ["models", index, "id"],
        `"${endpoint.model}" stands here twice: keep one, or give each its own upstream`,
      );
      continue;
    }
    seen.add(key);
    const matches = base.flatMap((known, at) => (isSameEndpoint(known, endpoint) ? [at] : []));
    for (const at of matches) {
      merged[at] = mergeDefined(base[at], endpoint);
    }
    if (matches.length === 0) {
      if (endpoint.rates === undefined && endpoint.isDisabled !== true) {
        report(
          ["models", index, "id"],
          'is a new endpoint: add price, such as { prompt: "0.05", completion: "0.08" } (USD per million tokens; "0" is free)',
        );
      }
      merged.push(endpoint);
    }
  }
  return merged;
}

/** Without `upstream`, a declaration speaks of all the provider's endpoints of that model. */
function isSameEndpoint(known: EndpointDeclaration, over: EndpointDeclaration): boolean {
  return (
    known.model === over.model &&
    (over.upstreamModel === undefined || over.upstreamModel === known.upstreamModel)
  );
}
