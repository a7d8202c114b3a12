import { readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { expect, it } from "vitest";
import { z } from "zod";
import { findUnexported, type NamedQuery } from "../monitoring/find-unexported.ts";
import {
  readPanelQueries,
  readRuleQueries,
  readRules,
  readRunbookBlocks,
  readRunbookQueries,
} from "../monitoring/read-definitions.ts";
import { readExposition } from "../monitoring/read-exposition.ts";
import { createKey, openAi, platform } from "../support/clients.ts";

const SERVICES = ["adapter-default", "adapter-simulated", "gateway", "ledger", "prober", "router"];
/** The ledger looks at the streams every 10 s, and the router hears of attempts a moment later. */
const PATIENCE_MS = 40_000;

/** What is exported only elsewhere, and why. */
const elsewhere = new Map([
  ["fairlead_tls_certificate_expiry_seconds", [] /* only with TLS between the services */],
]);
/** What Prometheus itself says of its targets. */
const ownOfPrometheus = new Map([["up", []]]);

const devJson = z.object({
  processes: z.array(z.object({ name: z.string(), ports: z.record(z.string(), z.number()) })),
});

/** The services' scrape ports, by process. */
function findOpsPorts(): Map<string, number> {
  const { processes } = devJson.parse(
    JSON.parse(readFileSync(join(platform().home, "dev.json"), "utf8")),
  );
  return new Map(
    processes.flatMap(({ name, ports }) => (ports.ops === undefined ? [] : [[name, ports.ops]])),
  );
}

async function scrapeAll(): Promise<Map<string, Set<string>>> {
  const exported = new Map<string, Set<string>>();
  for (const port of findOpsPorts().values()) {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`);
    expect(response.status).toBe(200);
    readExposition(await response.text(), exported);
  }
  return exported;
}

/** Answers, streams, a failover, a provider that is down, refusals. */
async function sendTraffic(): Promise<void> {
  const client = openAi({ apiKey: await createKey({ creditUsd: "1" }) });
  const ask = async (model: string, script: string, stream: boolean) => {
    const messages = [{ role: "user" as const, content: `Hello.\nsimulator: ${script}` }];
    try {
      const answer = await client.chat.completions.create({ model, messages, stream });
      if (Symbol.asyncIterator in answer) {
        for await (const _ of answer);
      }
    } catch {
      // Some are to fail.
    }
  };
  for (const stream of [true, false]) {
    await ask("simulated/fast", "tokens=20", stream);
    await ask("simulated/flaky", "tokens=3", stream);
    await ask("simulated/busy", "tokens=3", stream);
    await ask("acme/nothing", "tokens=3", stream);
  }
  await client.models.list();
}

it("every service is scraped", () => {
  expect([...findOpsPorts().keys()].toSorted()).toEqual(SERVICES);
});

it("exports every metric and label that dashboards, alerts and runbooks ask for", async () => {
  await sendTraffic();
  const queries: NamedQuery[] = [
    ...readPanelQueries(),
    ...readRuleQueries(),
    ...readRunbookQueries(),
  ];
  expect(queries.length).toBeGreaterThan(200);
  const recorded = readRules().flatMap(({ record, labels }) =>
    record === undefined ? [] : [[record, new Set(Object.keys(labels))] as const],
  );
  const others = [...elsewhere, ...ownOfPrometheus].map(
    ([name, labels]) => [name, new Set<string>(labels)] as const,
  );
  await expect
    .poll(
      async () => {
        const exported = new Map([...(await scrapeAll()), ...recorded, ...others]);
        return findUnexported(queries, exported);
      },
      { timeout: PATIENCE_MS, interval: 1_000 },
    )
    .toEqual([]);
});

it("its database answers each query of the runbooks", async () => {
  const blocks = readRunbookBlocks("sql");
  expect(blocks.length).toBeGreaterThan(5);
  const client = new pg.Client(platform().postgresUrl);
  await client.connect();
  try {
    for (const { place, query } of blocks) {
      const run = client.query(`BEGIN READ ONLY;\n${query};\nROLLBACK`);
      await expect(run, place).resolves.toBeDefined();
    }
  } finally {
    await client.end();
  }
});
