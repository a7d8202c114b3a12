import { createAnthropic } from "./anthropic/index.ts";
import { createGemini } from "./gemini/index.ts";
import { createOpenAiCompatible } from "./openai-compatible/index.ts";
import { generic, vendors } from "./openai-compatible/vendors.ts";
import type { Dialect, Provider } from "./provider.ts";

/**
 * The one place that knows providers by name. A slug that is not here is served by its dialect
 * alone: whoever speaks OpenAI's, Anthropic's or Gemini's needs no code.
 */
export const providers: Readonly<Record<string, Provider>> = {
  anthropic: createAnthropic({ baseUrl: "https://api.anthropic.com/v1", hasModelList: true }),
  google: createGemini("https://generativelanguage.googleapis.com/v1beta"),
  ...Object.fromEntries(
    Object.entries(vendors).map(([slug, vendor]) => [slug, createOpenAiCompatible(vendor)]),
  ),
};

const byDialect: Readonly<Record<Dialect, Provider>> = {
  openai: createOpenAiCompatible(generic),
  anthropic: createAnthropic({ hasModelList: false }),
  gemini: createGemini(undefined),
};

/**
 * The provider of a catalog slug. A variant (`deepinfra/turbo`) is its base's; a slug that is
 * declared with another dialect than the known one is served by that dialect.
 */
export function resolveProvider(slug: string, dialect: Dialect): Provider {
  const base = slug.split("/", 1)[0] ?? slug;
  const known = Object.hasOwn(providers, base) ? providers[base] : undefined;
  return known?.dialect === dialect ? known : byDialect[dialect];
}
