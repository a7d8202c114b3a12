import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkBooks } from "./support/check-books.ts";
import { ClientPod } from "./support/client-pod.ts";
import { buildNextLedger, NEXT_MIGRATION, nextLedgerTag } from "./support/next-ledger.ts";
import { kubectl } from "./support/kubectl.ts";
import { Release, root, umbrella } from "./support/release.ts";
import { runProgram } from "./support/run-program.ts";
import { hasCluster, note, step } from "./support/step.ts";

describe.skipIf(!hasCluster)("an upgrade from the previous commit's chart, and back", () => {
  let folder = "";
  let release: Release;
  let client: ClientPod;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "fairlead-previous-"));
    const chart = await step("upgrade: previous chart", () => exportPreviousChart(folder));
    await step("upgrade: an image with one more migration", buildNextLedger);
    release = await Release.create("fairlead-upgrade");
    await step("upgrade: helm install", () => release.install({}, chart));
    client = await ClientPod.start(release.namespace, release.name);
  });

  afterAll(async () => {
    await client?.[Symbol.asyncDispose]();
    await release?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  it("runs the migration first, fails no request, and takes the old version back", async () => {
    const keyBefore = await release.readSecret(`${release.name}-keys`, "api-key");
    await client.start("load", { workers: 4, pauseMs: 100, timeoutMs: 30_000 });
    expect(await appliedMigrations()).not.toContain(NEXT_MIGRATION);
    await step("upgrade: helm upgrade", () =>
      release.upgrade({ ledger: { image: { tag: nextLedgerTag } } }),
    );
    expect(await appliedMigrations()).toContain(NEXT_MIGRATION);
    expect(await ledgerImages()).toEqual([nextLedgerTag]);
    await step("upgrade: helm rollback", () =>
      release.helm("rollback", "1", "--wait", "--timeout", "180s"),
    );
    expect(await ledgerImages()).not.toContain(nextLedgerTag);
    // Migrations only add: the old version works on what the new one left.
    expect(await appliedMigrations()).toContain(NEXT_MIGRATION);
    await step("upgrade: helm test", () => release.helm("test", "--timeout", "120s"));
    const requests = await client.stop("load");
    const failed = requests.filter((request) => !request.isComplete);
    note(`upgrade: ${requests.length} requests over upgrade and rollback, ${failed.length} failed`);
    expect(requests.length).toBeGreaterThan(50);
    expect(failed).toEqual([]);
    expect(await release.readSecret(`${release.name}-keys`, "api-key")).toBe(keyBefore);
    const { unexplained, cut } = await step("upgrade: books", () => checkBooks(release, requests));
    expect({ unexplained, cut }).toEqual({ unexplained: [], cut: 0 });
  });

  async function appliedMigrations(): Promise<string[]> {
    const psql = ["psql", "-U", "fairlead", "-d", "fairlead", "-At", "-c"];
    const query = "SELECT name FROM schema_migrations";
    const pod = `${release.name}-postgres-0`;
    const output = await kubectl(["exec", "-n", release.namespace, pod, "--", ...psql, query]);
    return output.trim().split("\n");
  }

  async function ledgerImages(): Promise<string[]> {
    const pods = await release.whenReady("ledger", 1);
    const path = "jsonpath={.spec.containers[0].image}";
    const images = await Promise.all(
      pods.map(({ metadata }) =>
        kubectl(["get", "pod", metadata.name, "-n", release.namespace, "-o", path]),
      ),
    );
    return images.map((image) => image.split(":").at(-1) ?? "");
  }
});

/** The charts as the commit before this one has them; this one's in a clone without that commit. */
async function exportPreviousChart(folder: string): Promise<string> {
  const options = { timeoutMs: 30_000, cwd: root };
  const archive = join(folder, "charts.tar");
  const hasPrevious = await runProgram("git", ["cat-file", "-e", "HEAD~1"], options).then(
    () => true,
    () => false,
  );
  if (!hasPrevious) {
    note("upgrade: the commit before is not in this clone; upgraded from this commit's own chart");
    return umbrella;
  }
  await runProgram("git", ["archive", "--output", archive, "HEAD~1", "charts"], options);
  await runProgram("tar", ["--extract", "--file", archive, "--directory", folder], options);
  return join(folder, "charts/fairlead");
}
