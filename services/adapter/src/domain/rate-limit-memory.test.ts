import { describe, expect, it } from "vitest";
import { RateLimitMemory } from "./rate-limit-memory.ts";

describe("RateLimitMemory", () => {
  it("holds calls of one model of one provider back until its time is over", () => {
    const memory = new RateLimitMemory();
    memory.remember("openai", "gpt", 2_000, 10_000);
    expect(memory.remainingMs("openai", "gpt", 10_500)).toBe(1_500);
    expect(memory.remainingMs("openai", "other", 10_500)).toBe(0);
    expect(memory.remainingMs("groq", "gpt", 10_500)).toBe(0);
    expect(memory.remainingMs("openai", "gpt", 12_000)).toBe(0);
    expect(memory.size).toBe(0);
  });

  it("keeps the longer of two waits and believes no wait beyond five minutes", () => {
    const memory = new RateLimitMemory();
    memory.remember("openai", "gpt", 86_400_000, 0);
    memory.remember("openai", "gpt", 1_000, 0);
    expect(memory.remainingMs("openai", "gpt", 0)).toBe(300_000);
  });

  it("forgets a provider whose credential changed", () => {
    const memory = new RateLimitMemory();
    memory.remember("openai", "gpt", 1_000, 0);
    memory.remember("openai-2", "gpt", 1_000, 0);
    memory.forgetProvider("openai");
    expect(memory.remainingMs("openai", "gpt", 0)).toBe(0);
    expect(memory.remainingMs("openai-2", "gpt", 0)).toBe(1_000);
  });

  it("does not grow without bound", () => {
    const memory = new RateLimitMemory();
    for (let index = 0; index < 10_100; index += 1) {
      memory.remember("openai", `model-${index}`, 1_000, 0);
    }
    expect(memory.size).toBe(10_000);
    expect(memory.remainingMs("openai", "model-10099", 0)).toBe(1_000);
  });
});
