import { describe, expect, it } from "vitest";
import { faults } from "./faults.ts";
import { redactFault } from "./redact-fault.ts";

describe("redactFault", () => {
  it("keeps a key that the provider quotes from leaving", () => {
    const fault = { ...faults.cut(), message: "Incorrect API key provided: sk-canary-123." };
    expect(redactFault(fault, "sk-canary-123").message).toBe(
      "Incorrect API key provided: [redacted].",
    );
  });

  it("cuts a page of text and leaves the rest as it is", () => {
    const fault = faults.cut();
    expect(redactFault(fault, "sk-canary-123")).toBe(fault);
    expect(redactFault({ ...fault, message: "x".repeat(9_000) }, undefined).message).toHaveLength(
      2_001,
    );
  });
});
