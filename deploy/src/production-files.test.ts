import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, it } from "vitest";

const repository = join(import.meta.dirname, "../..");
const manifests = globSync("{packages,services}/*/package.json", { cwd: repository }).filter(
  (path) => !/^packages\/(?:local|testing)\//.test(path),
);

/** Files beside its code that a package reads at run time, from its own folder. */
function listAssets(folder: string): string[] {
  const sources = globSync("src/**/*.ts", { cwd: folder, exclude: ["**/*.test.ts"] });
  return sources.flatMap((source) => {
    const text = readFileSync(join(folder, source), "utf8");
    return [...text.matchAll(/new URL\("(\.[^"]+)", import\.meta\.url\)/g)].map(([, path = ""]) =>
      relative(folder, resolve(folder, dirname(source), path)),
    );
  });
}

it("knows what the packages read at run time", () => {
  const assets = manifests.flatMap((path) => {
    const folder = join(repository, dirname(path));
    return listAssets(folder).map((asset) => join(dirname(path), asset));
  });
  expect([...new Set(assets)].sort()).toEqual([
    "packages/catalog/snapshot/catalog.json",
    "services/ledger/migrations",
  ]);
});

it.each(manifests)("%s ships its code and what it reads", (path) => {
  const folder = join(repository, dirname(path));
  const { files, exports = {} } = JSON.parse(readFileSync(join(repository, path), "utf8"));
  const entries = Object.values<{ default: string }>(exports).map((each) => each.default);
  const wanted = [...(entries.length === 0 ? ["dist/main.js"] : entries), ...listAssets(folder)];
  for (const file of wanted.map((each) => relative(folder, resolve(folder, each)))) {
    expect(
      files.some((shipped: string) => file.startsWith(shipped)),
      file,
    ).toBe(true);
  }
});
