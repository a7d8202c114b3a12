import type { Target } from "../provider.ts";

/** A target with fixed names, for tests. */
export function makeTarget(overrides: Partial<Target> = {}): Target {
  return {
    provider: "acme",
    providerName: "Acme AI",
    publicModel: "author/model",
    upstreamModel: "upstream-model",
    generationId: "gen-1700000000-abcdefghijklmnopqrst",
    created: 1_700_000_000,
    isStream: true,
    ...overrides,
  };
}
