import type { Span } from "@fairlead/local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readPanelQueries } from "../monitoring/read-definitions.ts";
import { ClientPod } from "./support/client-pod.ts";
import { kubectl, removeNamespace } from "./support/kubectl.ts";
import { makeCertificate } from "./support/make-certificate.ts";
import { Release } from "./support/release.ts";
import { hasCluster, note, step } from "./support/step.ts";
import { waitUntil } from "./support/wait-until.ts";
import { Watchers } from "./support/watchers.ts";

const NAMESPACE = "fairlead-watched";
const WATCHERS = "fairlead-watchers";
const SECRET = "service-certificates";
/** In place of Grafana's own variables. */
const variables = { $job: ".*", $instance: ".*" };
/** What makes some panels show something: faults of providers, a server that is gone. */
const faults = [
  { name: "refused", models: ["simulated/echo"], script: "fault=status:503" },
  { name: "cut", models: ["simulated/claude"], script: "tokens=40 rate=100 fault=cut:2000" },
  { name: "failover", models: ["simulated/flaky"], script: "tokens=5" },
  { name: "unknown", models: ["acme/nothing"], script: "" },
] as const;

const onItsPath = ["adapter", "gateway", "ledger", "router"];

describe.skipIf(!hasCluster)("an operator's Prometheus and OpenTelemetry Collector", () => {
  let release: Release;
  let watchers: Watchers;
  let client: ClientPod;

  beforeAll(async () => {
    release = await Release.create(NAMESPACE);
    await makeCertificate(release, SECRET);
    const tls = { enabled: true, secretName: SECRET };
    await step("watched: helm install", () =>
      release.install({ global: { tls, ...Watchers.values(WATCHERS) } }),
    );
    client = await ClientPod.start(release.namespace, release.name);
    watchers = await step("watched: Prometheus and collector", () =>
      Watchers.start(WATCHERS, NAMESPACE),
    );
  });

  afterAll(async () => {
    await client?.[Symbol.asyncDispose]();
    await watchers?.[Symbol.asyncDispose]();
    // Also of a start that failed.
    await removeNamespace(WATCHERS);
    await release?.[Symbol.asyncDispose]();
  });

  it("get the trace of a request from every service on its path, in one tree", async () => {
    await client.start("traced", { workers: 1, pauseMs: 500 });
    // Bills that leave together are posted in the trace of one of them, and linked to the others.
    const spans = await step("watched: a trace", () =>
      waitUntil(
        async () => {
          const requests = await client.read("traced");
          const arrived = await watchers.spans();
          return (
            requests
              .map(({ generationId }) => findTrace(arrived, generationId))
              // Each service sends its spans when it likes: a tree is whole when all of them have.
              .find(
                (found) =>
                  found.some(({ name }) => name === "post usage") &&
                  new Set(found.map(({ service }) => service)).size === onItsPath.length &&
                  findRoots(found).length === 1,
              )
          );
        },
        { what: "a trace of all services, in one tree", timeoutMs: 60_000 },
      ),
    );
    await client.stop("traced");
    expect([...new Set(spans.map(({ service }) => service))].toSorted()).toEqual(onItsPath);
    const roots = findRoots(spans);
    expect(roots.map(({ name, parentSpanId }) => ({ name, parentSpanId }))).toEqual([
      { name: expect.stringMatching(/^chat /), parentSpanId: undefined },
    ]);
  });

  it("scrape every service", async () => {
    await expect
      .poll(() => watchers.scraped(), { timeout: 30_000, interval: 1_000 })
      .toEqual(["adapter", "gateway", "ledger", "prober", "router"]);
  });

  it("have data for each query of each dashboard", async () => {
    const fromS = Date.now() / 1_000;
    await client.start("whole", { workers: 2, pauseMs: 50 });
    for (const { name, ...load } of faults) {
      await client.start(name, { ...load, workers: 1, pauseMs: 200 });
    }
    await waitUntil(async () => (await client.read("whole")).length > 50, {
      what: "some load",
      timeoutMs: 60_000,
    });
    // Whoever shows what is not ready shows nothing while all is.
    const postgres = ["-n", NAMESPACE, `statefulset/${release.name}-postgres`];
    await kubectl(["scale", ...postgres, "--replicas=0"]);
    const queries = readPanelQueries().map(({ place, query }) => ({
      place,
      query: query
        .replaceAll(/\$(?:job|instance)\b/g, (name) => variables[name as keyof typeof variables])
        // Five minutes of load would be long; Prometheus scrapes every 2 s here.
        .replaceAll("[5m]", "[20s]"),
    }));
    let empty: string[] = [];
    await step("watched: dashboards", () =>
      waitUntil(
        async () => {
          const counts = await Promise.all(
            queries.map(({ query }) => watchers.countPoints(query, fromS, Date.now() / 1_000)),
          );
          empty = queries
            .filter((_, index) => counts[index] === 0)
            .map(({ place, query }) => `${place}: ${query}`);
          return empty.length === 0;
        },
        { what: "data for every panel", timeoutMs: 90_000, everyMs: 3_000 },
      ).catch((error: unknown) => {
        throw new Error(`no data for\n${empty.join("\n")}`, { cause: error });
      }),
    );
    await kubectl(["scale", ...postgres, "--replicas=1"]);
    await release.whenReady("postgres", 1);
    note(`watched: ${queries.length} queries of the dashboards have data`);
    await Promise.all(["whole", ...faults.map(({ name }) => name)].map((it) => client.stop(it)));
  });
});

/** The spans whose parent is not among them. */
function findRoots(spans: readonly Span[]): Span[] {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  return spans.filter(({ parentSpanId }) => !ids.has(parentSpanId ?? ""));
}

/** The spans of a request's trace, by the id of its answer. */
function findTrace(spans: readonly Span[], generationId: string): Span[] {
  const root = spans.find((span) => span.attributes["gen_ai.response.id"] === generationId);
  return spans.filter(({ traceId }) => traceId === root?.traceId);
}
