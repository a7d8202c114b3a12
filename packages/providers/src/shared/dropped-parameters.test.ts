import { expect, it } from "vitest";
import { DroppedParameters } from "./dropped-parameters.ts";

it("names what was left out, each once", () => {
  const dropped = new DroppedParameters(["tools"]);
  expect(dropped.drops("tool_choice")).toBe(true);
  dropped.add("tool_choice");
  dropped.add("reasoning.max_tokens");
  expect(dropped.names).toEqual(["tool_choice", "reasoning.max_tokens"]);
});

it("keeps names out that cannot stand in a header", () => {
  const dropped = new DroppedParameters();
  for (const name of ["größe", "a\r\nset-cookie: b", "a, b", "", "x".repeat(65)]) {
    dropped.add(name);
  }
  expect(dropped.names).toEqual([]);
});

it("takes a request of very many unknown fields in its stride", () => {
  const dropped = new DroppedParameters();
  const startedMs = performance.now();
  for (let index = 0; index < 300_000; index += 1) {
    dropped.add(`field_${index}`);
  }
  expect(dropped.names).toHaveLength(32);
  expect(performance.now() - startedMs).toBeLessThan(2_000);
});
