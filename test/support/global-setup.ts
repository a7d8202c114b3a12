import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPlatform } from "@fairlead/local";
import type { TestProject } from "vitest/node";
import type {} from "./platform-context.ts";

/** What a developer's shell may hold and a test must not depend on. */
const withoutOwnServers = {
  DATABASE_URL: "",
  NATS_URL: "",
  OTEL_EXPORTER_OTLP_ENDPOINT: "",
  KEY_PEPPER: "",
};

/** One platform for all end-to-end tests of a run, with state of its own and free ports. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const home = mkdtempSync(join(tmpdir(), "fairlead-e2e-"));
  chmodSync(home, 0o755);
  const catalogPath = join(home, "catalog.yaml");
  writeFileSync(catalogPath, "providers: []\n");
  const platform = await startPlatform({
    home,
    port: 0,
    env: {
      ...withoutOwnServers,
      FAIRLEAD_CATALOG: catalogPath,
      // Every request is traced: tests look at the edges of any.
      TRACE_SAMPLE_RATIO: "1",
    },
    notice: (text) => process.stderr.write(`platform: ${text}\n`),
  });
  const { baseUrl, consoleUrl, apiKey, managementKey } = platform;
  const { postgresUrl, natsUrl, otlpUrl, simulators } = platform;
  project.provide("platform", {
    baseUrl,
    consoleUrl,
    apiKey,
    managementKey,
    postgresUrl,
    natsUrl,
    otlpUrl,
    simulators,
    catalogPath,
    home,
  });
  return async () => {
    await platform.stop();
    rmSync(home, { recursive: true, force: true });
  };
}
