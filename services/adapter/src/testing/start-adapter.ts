import { encode } from "@fairlead/proto/wire";
import type { Catalog, Dialect, Provider as Definition } from "@fairlead/catalog";
import { createLogger } from "@fairlead/kit";
import { type UsageBatch, UsageEventSchema } from "@fairlead/proto/usage/v1/usage";
import { resolveProvider } from "@fairlead/providers";
import { createLink, type Link } from "@fairlead/rpc";
import { createSimulator, type Simulator } from "@fairlead/simulator";
import { createServer } from "../server.ts";
import { createWorker, type Worker, type WorkerOptions } from "../worker.ts";

/** Refused nowhere, and to be found nowhere but in the credential header. */
export const canary = "sk-canary-5f3a9c0e";

export interface Published {
  readonly subject: string;
  readonly message: unknown;
}

export interface TestAdapter {
  readonly simulator: Simulator;
  readonly worker: Worker;
  readonly link: Link;
  /** What went to the bus, durable or not. */
  readonly published: Published[];
  readonly logs: string[];
  bills(): UsageBatch["events"];
  /** Another gateway's link. */
  connect(): Promise<Link>;
  /** `refuse` makes the bus unavailable for durable messages. */
  readonly bus: { isRefusing: boolean };
  close(): Promise<void>;
}

export interface TestAdapterOptions
  extends Partial<Pick<WorkerOptions, "bus" | "limits" | "billGraceMs" | "abandonedMs">> {
  readonly concurrency?: number;
  readonly queue?: number;
  readonly capacity?: number;
  /** Beside those that the simulator serves. */
  readonly providers?: readonly Definition[];
  /** Recordings that the simulator can replay. */
  readonly fixturesDir?: string;
}

const silent = { info() {}, warn() {}, error() {} };

/**
 * An adapter worker on a real socket, a simulator as its three providers, a recorder as its bus.
 */
export async function startAdapter(options: TestAdapterOptions = {}): Promise<TestAdapter> {
  const simulator = createSimulator({ fixturesDir: options.fixturesDir });
  await simulator.listen();
  const published: Published[] = [];
  const logs: string[] = [];
  const bus = { isRefusing: false };
  const logger = createLogger({ service: "adapter", level: "silent" });
  for (const level of ["info", "warn", "error"] as const) {
    logger[level] = (...parts: unknown[]) => void logs.push(JSON.stringify(parts));
  }
  const worker = createWorker({
    config: {
      ADAPTER_PROVIDERS: "*",
      ADAPTER_CAPACITY: 1_000,
      ADAPTER_CONCURRENCY: options.concurrency ?? 64,
      ADAPTER_QUEUE: options.queue ?? 16,
    },
    environment: { CANARY_KEY: canary },
    bus: options.bus ?? {
      publish: (_schema, subject, message) => void published.push({ subject, message }),
      async publishDurable(_schema, subject, message) {
        if (bus.isRefusing) {
          throw new Error("no bus");
        }
        published.push({ subject, message });
      },
    },
    logger,
    instance: "adapter-test",
    catalog: createCatalog(simulator.url, options.providers ?? []),
    findTranslation: ({ slug, dialect }) => resolveProvider(slug, dialect),
    onProvidersChange: () => {},
    ...(options.limits !== undefined && { limits: options.limits }),
    ...(options.billGraceMs !== undefined && { billGraceMs: options.billGraceMs }),
    ...(options.abandonedMs !== undefined && { abandonedMs: options.abandonedMs }),
  });
  const server = createServer({ logger }, { ...worker, capacity: options.capacity ?? 1_000 });
  const port = await server.listen("127.0.0.1", 0);
  const links: Link[] = [];
  async function connect(): Promise<Link> {
    const link = createLink(`127.0.0.1:${port}`, { logger: silent });
    links.push(link);
    await link.whenReady(20_000);
    return link;
  }
  return {
    simulator,
    worker,
    link: await connect(),
    published,
    logs,
    bus,
    connect,
    bills: () =>
      published
        .filter(({ subject }) => subject.startsWith("fairlead.usage."))
        .flatMap(({ message }) => (message as UsageBatch).events),
    async close() {
      for (const link of links) {
        link.close();
      }
      server.close();
      await worker.close();
      await simulator.close();
    },
  };
}

/** A bill that lacks only what the worker knows: 1,000 nano-USD a token, prompt or completion. */
export function createTemplate(generationId: string): Uint8Array {
  return encode(UsageEventSchema, {
    generationId,
    accountId: "account-1",
    price: { version: "v", rates: { promptPico: 1_000_000n, completionPico: 1_000_000n } },
  });
}

function createCatalog(url: string, others: readonly Definition[]): Catalog {
  const definitions = [
    createDefinition("simulated-openai", "openai", `${url}/openai/v1`),
    createDefinition("simulated-anthropic", "anthropic", `${url}/anthropic/v1`),
    createDefinition("simulated-gemini", "gemini", `${url}/gemini/v1beta`),
    createDefinition("unreachable", "openai", "http://127.0.0.1:1/v1"),
    ...others,
  ];
  return {
    version: 1n,
    providers: new Map(definitions.map((definition) => [definition.slug, definition])),
    models: new Map(),
    endpoints: new Map(),
    endpointsByModel: new Map(),
    aliases: new Map(),
  };
}

export function createDefinition(slug: string, dialect: Dialect, baseUrl: string): Definition {
  return {
    slug,
    name: slug,
    dialect,
    baseUrl,
    envNames: ["CANARY_KEY"],
    credentialFile: undefined,
    headers: {},
    concurrency: undefined,
    timeouts: { connectMs: 2_000, firstTokenMs: 5_000, idleMs: 5_000, totalMs: 20_000 },
    isDisabled: false,
    docsUrl: "",
    privacyPolicyUrl: "",
    termsOfServiceUrl: "",
    statusPageUrl: "",
    collectsData: false,
    isZeroRetention: false,
  };
}
