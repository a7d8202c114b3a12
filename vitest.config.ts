import { defineConfig } from "vitest/config";
import { NodeLossLast } from "./test/cluster/support/node-loss-last.ts";

const conditions = ["@fairlead/source", "module", "node", "development|production"];
const source = ["packages/*/src/**", "services/*/src/**"];

const shared = {
  // The second is where global setups run.
  ssr: { resolve: { conditions } },
  environments: { __vitest__: { resolve: { conditions } } },
};

/**
 * unit: pure, beside its source. integration: real Postgres and NATS. e2e: the whole platform.
 * kill: its services killed under load. conventions: violations planted and caught. monitoring:
 * dashboards, alerts and runbooks. charts: what Helm makes of them.
 * cluster: the platform on a real Kubernetes.
 */
export default defineConfig({
  test: {
    sequence: { sequencer: NodeLossLast },
    projects: [
      {
        ...shared,
        test: {
          name: "unit",
          // A busy machine may need its time; what is polled for must come all the same.
          expect: { poll: { timeout: 5_000 } },
          testTimeout: 30_000,
          include: [
            ...source.map((folder) => `${folder}/*.test.ts`),
            "deploy/src/**/*.test.ts",
            "test/bench/**/*.test.ts",
          ],
          exclude: source.map((folder) => `${folder}/*.int.test.ts`),
        },
      },
      {
        ...shared,
        test: {
          name: "integration",
          expect: { poll: { timeout: 5_000 } },
          include: source.map((folder) => `${folder}/*.int.test.ts`),
          globalSetup: ["packages/testing/src/global-setup.ts"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        ...shared,
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: ["test/support/global-setup.ts"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        ...shared,
        test: {
          name: "kill",
          include: ["test/kill/**/*.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        ...shared,
        test: { name: "monitoring", include: ["test/monitoring/**/*.test.ts"] },
      },
      {
        ...shared,
        test: {
          name: "conventions",
          include: ["test/conventions/**/*.test.ts"],
          hookTimeout: 60_000,
        },
      },
      {
        ...shared,
        test: {
          name: "charts",
          include: ["test/charts/**/*.test.ts"],
          globalSetup: ["test/charts/support/global-setup.ts"],
          testTimeout: 60_000,
        },
      },
      {
        ...shared,
        test: {
          name: "cluster",
          include: ["test/cluster/**/*.test.ts"],
          globalSetup: ["test/cluster/support/global-setup.ts"],
          testTimeout: 600_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
