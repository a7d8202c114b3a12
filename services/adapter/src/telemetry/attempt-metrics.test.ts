import { beforeEach, expect, it, vi } from "vitest";
import { noUsage } from "../domain/complete-usage.ts";
import { faults } from "../domain/faults.ts";
import type { AttemptReport } from "../generation/attempt-report.ts";
import { createAttemptMetrics } from "./attempt-metrics.ts";

/** What was recorded: name, value, and each label with its value. */
const recorded: { name: string; value: number; labels: Readonly<Record<string, string>> }[] = [];

vi.mock("@fairlead/kit", async (load) => ({
  ...(await load<object>()),
  createHistogram: (name: string, { labels = [] }: { labels?: readonly string[] }) => ({
    record(value: number, ...values: string[]) {
      expect(values).toHaveLength(labels.length);
      const pairs = labels.map((label, index) => [label, values[index] ?? ""]);
      recorded.push({ name, value, labels: Object.fromEntries(pairs) });
    },
  }),
}));

const none = () => 0;
const report = {
  binding: { slug: "openai" },
  upstreamModel: "gpt",
  isStream: true,
  durationMs: 250,
  firstTokenMs: 50,
  counted: { ...noUsage, usage: { ...noUsage.usage, promptTokens: 7, completionTokens: 9 } },
  fault: undefined,
} as unknown as AttemptReport;
const record = createAttemptMetrics({
  streams: none,
  queued: none,
  connections: none,
  unacknowledgedBills: none,
  orphanedBills: none,
});
const call = {
  "gen_ai.operation.name": "chat",
  "gen_ai.provider.name": "openai",
  "gen_ai.request.model": "gpt",
};

beforeEach(() => {
  recorded.length = 0;
});

it("records an answer under the labels of the GenAI conventions", () => {
  record(report);
  expect(recorded.map(({ value, labels }) => [value, labels])).toEqual([
    [0.25, { ...call, "error.type": "" }],
    [7, { ...call, "gen_ai.token.type": "input" }],
    [9, { ...call, "gen_ai.token.type": "output" }],
    [0.05, call],
  ]);
});

it("records of a failure how long it took and what it was", () => {
  record({ ...report, fault: faults.busy() });
  expect(recorded).toMatchObject([
    { value: 0.25, labels: { ...call, "error.type": "provider_overloaded" } },
  ]);
});
