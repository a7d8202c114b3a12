import { describe, expect, it } from "vitest";
import { createScriptResolver } from "./resolve-script.ts";
import { createScriptStore } from "./script-store.ts";

function createResolver(initial: Readonly<Record<string, string>> = {}) {
  const store = createScriptStore(initial);
  const resolve = createScriptResolver(store);
  return {
    store,
    resolve: (model: string, lastUserText = "", header?: string) =>
      resolve({ model, header, lastUserText }),
  };
}

describe("createScriptResolver", () => {
  it("knows presets, any sim- name, and no other model", () => {
    const { resolve } = createResolver();
    expect(resolve("sim-fast")?.tokens).toBe(80);
    expect(resolve("sim-whatever")?.tokens).toBe(16);
    expect(resolve("simple")).toBeUndefined();
    expect(resolve("gpt-4o")).toBeUndefined();
  });

  it("reads the grammar behind a question mark or a semicolon", () => {
    const { resolve } = createResolver();
    expect(resolve("sim?tokens=5&rate=3")).toMatchObject({ tokens: 5, rate: 3 });
    expect(resolve("sim-fast;rate=3")).toMatchObject({ tokens: 80, rate: 3 });
  });

  it("lets the message win over the header, the model name, the store and the preset", () => {
    const { resolve } = createResolver({ "sim-fast": "tokens=1 rate=1 pack=1 cached=1" });
    const script = resolve(
      "sim-fast?rate=2&pack=2&cached=2",
      "Hello.\n  simulator: cached=4\nThank you.",
      "pack=3 cached=3",
    );
    expect(script).toMatchObject({ tokens: 1, rate: 2, pack: 3, cached: 4 });
  });

  it("ignores the word in the middle of a line", () => {
    const { resolve } = createResolver();
    expect(resolve("sim", "my simulator: tokens=3")?.tokens).toBe(16);
  });

  it("serves a counted script so many times, then the standing one", () => {
    const { resolve, store } = createResolver();
    store.set("gpt-9", "tokens=9");
    store.set("gpt-9", "fault=status:503", 2);
    const faults = [1, 2, 3].map(() => resolve("gpt-9")?.fault?.kind);
    expect(faults).toEqual(["status", "status", undefined]);
    expect(resolve("gpt-9")?.tokens).toBe(9);
    expect(store.list()).toEqual([{ model: "gpt-9", script: "tokens=9", remaining: null }]);
    store.clear("gpt-9");
    expect(resolve("gpt-9")).toBeUndefined();
  });
});
