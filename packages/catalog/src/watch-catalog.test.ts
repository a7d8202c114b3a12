import { mkdtempSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type CatalogWatch, watchCatalog } from "./watch-catalog.ts";

/** Each change has the whole snapshot read anew. */
const PATIENCE = { timeout: 20_000 };
const watches: CatalogWatch[] = [];
afterEach(() => {
  for (const watch of watches.splice(0)) {
    watch.close();
  }
});

const withConcurrency = (value: number) => `providers: [{ id: openai, concurrency: ${value} }]`;

function start(path: string, pollMs: number) {
  const onChange = vi.fn();
  const onFaults = vi.fn();
  watches.push(watchCatalog([path], onChange, onFaults, { debounceMs: 20, pollMs }));
  return { onChange, onFaults };
}

describe("watchCatalog", () => {
  it("reports a good edit, then the faults of a bad one with line and field", async () => {
    const folder = mkdtempSync(join(tmpdir(), "fairlead-watch-"));
    const path = join(folder, "catalog.yaml");
    writeFileSync(path, withConcurrency(5));
    const { onChange, onFaults } = start(path, 200);
    writeFileSync(`${path}.new`, withConcurrency(6));
    renameSync(`${path}.new`, path);
    await expect.poll(() => onChange.mock.calls.length, PATIENCE).toBe(1);
    expect(onChange.mock.calls[0]?.[0].providers.get("openai").concurrency).toBe(6);
    writeFileSync(path, "providers:\n  - id: openai\n    concurrency: many\n");
    await expect.poll(() => onFaults.mock.calls.length, PATIENCE).toBe(1);
    expect(onFaults.mock.calls[0]?.[0][0]).toMatchObject({
      line: 3,
      field: "providers[0].concurrency",
    });
    expect(onChange).toHaveBeenCalledOnce();
  });

  it("reports a path that has become unreadable, and survives it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "fairlead-watch-"));
    const path = join(folder, "catalog.yaml");
    writeFileSync(path, withConcurrency(5));
    const { onFaults } = start(path, 50);
    symlinkSync(path, `${path}.new`);
    renameSync(`${path}.new`, path);
    await expect.poll(() => onFaults.mock.calls.length, PATIENCE).toBe(1);
  });

  it("sees the swap of a ConfigMap's link", async () => {
    const folder = mkdtempSync(join(tmpdir(), "fairlead-watch-"));
    writeFileSync(join(folder, "one"), withConcurrency(5));
    writeFileSync(join(folder, "two"), withConcurrency(7));
    symlinkSync(join(folder, "one"), join(folder, "..data"));
    symlinkSync("..data", join(folder, "catalog.yaml"));
    const { onChange } = start(join(folder, "catalog.yaml"), 60_000);
    symlinkSync(join(folder, "two"), join(folder, "..data_tmp"));
    renameSync(join(folder, "..data_tmp"), join(folder, "..data"));
    await expect.poll(() => onChange.mock.calls.length, PATIENCE).toBe(1);
  });
});
