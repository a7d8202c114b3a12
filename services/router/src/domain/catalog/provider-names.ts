import type { Endpoint } from "@fairlead/catalog";

/** Suffixes of a slug that name a service tier: the base slug never means them. */
const tiers = new Set(["priority", "flex"]);

/** Slugs that clients know from elsewhere → ours. */
const otherSlugs: Readonly<Record<string, string>> = {
  ai21: "ai21",
  bedrock: "amazon-bedrock",
  cloudflare: "cloudflare-workers-ai",
  fireworks: "fireworks-ai",
  "google-ai-studio": "google",
  moonshot: "moonshotai",
  novita: "novita-ai",
  together: "togetherai",
  "x-ai": "xai",
  "z-ai": "zai",
};

/**
 * Every name by which a preference may mean an endpoint's provider: its full slug
 * (`deepinfra/turbo`), its base slug unless it is a service tier, and its display name.
 */
export function listProviderNames(endpoint: Endpoint): string[] {
  const [base = "", suffix] = endpoint.provider.split("/");
  const names = [endpoint.provider];
  if (suffix !== undefined && !tiers.has(suffix)) {
    names.push(base);
  }
  const displayName = endpoint.providerName.toLowerCase();
  return names.includes(displayName) ? names : [...names, displayName];
}

/** The name that a client wrote, as `listProviderNames` spells it. */
export function normalizeProviderName(name: string): string {
  const lower = name.trim().toLowerCase();
  return otherSlugs[lower] ?? lower;
}
