import { describe, expect, it } from "vitest";
import { parseProviderPatterns } from "./match-providers.ts";

describe("parseProviderPatterns", () => {
  it.each([
    ["*", "openai", true],
    ["openai,anthropic", "anthropic", true],
    ["openai,anthropic", "google", false],
    ["*,!simulated-*", "simulated-a", false],
    ["!simulated-*,*", "simulated-a", false],
    ["*,!simulated-*", "openai", true],
    ["!openai", "groq", true],
    ["!openai", "openai", false],
    ["zenmux/*", "zenmux/anthropic", true],
    ["open.i", "openai", false],
    [" openai , groq ", "groq", true],
    ["", "openai", false],
    [" , !", "openai", false],
  ])("%j on %s is %s", (list, slug, isServed) => {
    expect(parseProviderPatterns(list)(slug)).toBe(isServed);
  });
});
