import { expect, it } from "vitest";
import { convertUsage } from "./usage.ts";

it("tells the writes that the cache keeps for an hour from the others", () => {
  const wire = { input_tokens: 10, output_tokens: 5, cache_creation_input_tokens: 100 };
  const creation = { ephemeral_5m_input_tokens: 60, ephemeral_1h_input_tokens: 40 };
  expect(convertUsage({ ...wire, cache_creation: creation })).toMatchObject({
    promptTokens: 110,
    cacheWriteTokens: 100,
    cacheWrite1hTokens: 40,
  });
  expect(convertUsage(wire)).not.toHaveProperty("cacheWrite1hTokens");
  const none = { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 0 };
  expect(convertUsage({ ...wire, cache_creation: none })).not.toHaveProperty("cacheWrite1hTokens");
});
