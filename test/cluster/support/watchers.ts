import { readFileSync } from "node:fs";
import { type Span, parseOtlp } from "@fairlead/local";
import { z } from "zod";
import { alertsFolder, listFiles } from "../../monitoring/read-definitions.ts";
import { COLLECTOR_IMAGE, imageOf, PROMETHEUS_IMAGE } from "./images.ts";
import { getPods, kubectl, removeNamespace } from "./kubectl.ts";
import { openPortForward, type PortForward } from "./port-forward.ts";
import { createRestrictedPod } from "./restricted-pod.ts";

const OTLP_PORT = 4318;
const PROMETHEUS_PORT = 9090;
const HEALTH_PORT = 13133;
const READY_TIMEOUT_S = 90;

const answer = z.object({
  status: z.literal("success"),
  data: z.object({
    result: z.array(z.object({ values: z.array(z.tuple([z.number(), z.string()])) })),
  }),
});
const targets = z.object({
  data: z.object({
    activeTargets: z.array(
      z.object({ labels: z.record(z.string(), z.string()), health: z.string() }),
    ),
  }),
});

/**
 * An OpenTelemetry Collector and a Prometheus with our alert rules, in a namespace of their own:
 * what an operator would have.
 */
export class Watchers implements AsyncDisposable {
  readonly namespace: string;
  readonly #forward: PortForward;

  private constructor(namespace: string, forward: PortForward) {
    this.namespace = namespace;
    this.#forward = forward;
  }

  /** Watches the release in the namespace `watched`, which is installed with `values`. */
  static async start(namespace: string, watched: string): Promise<Watchers> {
    await removeNamespace(namespace);
    await create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
    await createRestrictedPod({
      namespace,
      name: "prometheus",
      image: PROMETHEUS_IMAGE,
      command: [
        "/bin/prometheus",
        "--config.file=/config/prometheus.yml",
        "--storage.tsdb.path=/prometheus",
      ],
      files: { mountPath: "/config", files: await describePrometheus(watched) },
      scratch: "/prometheus",
      readiness: { port: PROMETHEUS_PORT, path: "/-/ready" },
    });
    await createRestrictedPod({
      namespace,
      name: "collector",
      image: COLLECTOR_IMAGE,
      command: ["/otelcol", "--config=/config/collector.yaml"],
      labels: { app: "collector" },
      files: { mountPath: "/config", files: [{ path: "collector.yaml", text: collectorConfig }] },
      scratch: "/traces",
      readiness: { port: HEALTH_PORT, path: "/" },
      // The collector's image has no program that could read what it wrote.
      sidecar: { image: imageOf("gateway"), command: ["node", "-e", "setTimeout(() => {}, 2e9)"] },
    });
    await create({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "collector", namespace },
      spec: { selector: { app: "collector" }, ports: [{ port: OTLP_PORT }] },
    });
    const ready = ["--for=condition=Ready", `--timeout=${READY_TIMEOUT_S}s`];
    await kubectl(["wait", "-n", namespace, "pod/prometheus", "pod/collector", ...ready], {
      timeoutMs: (READY_TIMEOUT_S + 10) * 1_000,
    });
    return new Watchers(
      namespace,
      await openPortForward(namespace, "pod/prometheus", PROMETHEUS_PORT),
    );
  }

  /** Values of the release that make the watchers welcome. */
  static values(namespace: string): object {
    const peer = {
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
    };
    const endpoint = `http://collector.${namespace}:${OTLP_PORT}`;
    return {
      otlp: { endpoint, sampleRatio: 1, peers: [peer] },
      networkPolicy: { scrapers: [peer] },
    };
  }

  /** The components whose pods Prometheus has scraped well, each pod once. */
  async scraped(): Promise<string[]> {
    const { data } = targets.parse(await this.#ask("/api/v1/targets?state=active"));
    return data.activeTargets
      .filter(({ health }) => health === "up")
      .map(({ labels }) => labels.job ?? "")
      .toSorted();
  }

  /** How many points a query has between two times, s since 1970. Throws on a wrong query. */
  async countPoints(query: string, fromS: number, toS: number): Promise<number> {
    const parameters = new URLSearchParams({
      query,
      start: fromS.toFixed(0),
      end: toS.toFixed(0),
      step: "2",
    });
    const { data } = answer.parse(await this.#ask(`/api/v1/query_range?${parameters}`));
    return data.result.reduce((sum, { values }) => sum + values.length, 0);
  }

  /** All spans that the collector got. */
  async spans(): Promise<Span[]> {
    const text = await kubectl([
      ...["exec", "-n", this.namespace, "collector", "-c", "sidecar", "--"],
      ...["cat", "/traces/traces.json"],
    ]);
    // The last line may be half written.
    const lines = text.split("\n").slice(0, -1);
    return lines.flatMap((line) => parseOtlp(JSON.parse(line)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#forward[Symbol.asyncDispose]();
    await removeNamespace(this.namespace);
  }

  async #ask(path: string): Promise<unknown> {
    const response = await fetch(`http://127.0.0.1:${this.#forward.port}${path}`);
    return await response.json();
  }
}

async function create(...items: readonly object[]): Promise<void> {
  await kubectl(["create", "--filename", "-"], {
    input: JSON.stringify({ apiVersion: "v1", kind: "List", items }),
  });
}

/** Scrapes each pod of ours as its annotations ask: those of a release that stays as it is. */
async function describePrometheus(watched: string): Promise<{ path: string; text: string }[]> {
  const pods = await getPods(watched, "app.kubernetes.io/part-of=fairlead");
  const scraped = pods.filter(
    ({ metadata, status }) =>
      metadata.annotations["prometheus.io/scrape"] === "true" && status.phase === "Running",
  );
  const config = {
    global: { scrape_interval: "2s", evaluation_interval: "2s" },
    rule_files: ["/config/rules/*.yaml"],
    scrape_configs: scraped.map(({ metadata, status }) => ({
      job_name: metadata.name,
      metrics_path: metadata.annotations["prometheus.io/path"] ?? "/metrics",
      static_configs: [
        {
          targets: [`${status.podIP ?? ""}:${metadata.annotations["prometheus.io/port"] ?? ""}`],
          labels: {
            job: metadata.labels["app.kubernetes.io/component"] ?? "",
            instance: metadata.name,
          },
        },
      ],
    })),
  };
  const rules = listFiles(alertsFolder, ".yaml").map((name) => ({
    path: `rules/${name}`,
    text: readFileSync(alertsFolder + name, "utf8"),
  }));
  // JSON is YAML.
  return [{ path: "prometheus.yml", text: JSON.stringify(config) }, ...rules];
}

const collectorConfig = JSON.stringify({
  receivers: { otlp: { protocols: { http: { endpoint: `0.0.0.0:${OTLP_PORT}` } } } },
  exporters: { file: { path: "/traces/traces.json" } },
  extensions: { health_check: { endpoint: `0.0.0.0:${HEALTH_PORT}` } },
  service: {
    extensions: ["health_check"],
    pipelines: { traces: { receivers: ["otlp"], exporters: ["file"] } },
  },
});
