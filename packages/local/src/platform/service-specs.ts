import { delimiter, join } from "node:path";
import { repository } from "../config.ts";
import type { WarningFilter } from "./warning-filter.ts";
import type { ProcessSpec } from "../process/process-spec.ts";
import { findFreePorts } from "../process/ports.ts";

const HOST = "127.0.0.1";
const PROBE_TIMEOUT_MS = 1_000;
/** A drain waits for open streams; longer than their longest is no use to who pressed Ctrl-C. */
const STOP_TIMEOUT_MS = 10_000;
const DRAIN_TIMEOUT_MS = 5_000;

/** What every process may see of our environment. Provider keys are not among it. */
const passedOn =
  /^(PATH|HOME|USER|LANG|LC_.*|TZ|TMPDIR|TERM|NODE_.*|SSL_CERT_.*|LOG_LEVEL|TRACE_.*|OTEL_.*|DRAIN_.*)$/;

/** The pool whose process sees the rest of our environment: the providers' keys are in it. */
const WITH_PROVIDER_KEYS = "default";
const neverPassedOn = /^(DATABASE_URL|KEY_PEPPER|PORT|HOST|npm_.*)$/;

export interface ServiceSurroundings {
  /** Ours, with provider keys and all. */
  readonly env: Environment;
  /** What the caller adds for every service. */
  readonly extraEnv: Environment;
  readonly gatewayPort: number;
  readonly databaseUrl: string;
  readonly natsUrl: string;
  readonly otlpUrl: string;
  readonly keyPepper: string;
  /** What the services may write, beside logs. */
  readonly dataFolder: string;
  /** Paths of catalog files. */
  readonly simulatedCatalog: string;
  readonly ownCatalog: string | undefined;
  readonly simulatedProviders: readonly string[];
  readonly simulatedKey: Readonly<Record<string, string>>;
  readonly nodeArgs: Readonly<Record<string, readonly string[]>>;
  readonly warnings: WarningFilter;
}

export interface Services {
  /** In the order of their stop, from the last to the first. */
  readonly stages: ProcessSpec[][];
  readonly ledgerAddress: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

interface PortPair {
  readonly grpc: number;
  readonly ops: number;
  /** Of gRPC. */
  readonly address: string;
}

interface Service {
  readonly name: string;
  /** Below `services/`. */
  readonly folder: string;
  readonly ports: PortPair;
  /** With PORT: it also serves a public API. */
  readonly env: Environment;
}

/** The five services as on a cluster: each a process, and two pools of adapters. */
export async function describeServices(surroundings: ServiceSurroundings): Promise<Services> {
  const [ledger, router, simulated, standard, prober, gateway] = await findPortPairs();
  const { databaseUrl, keyPepper, simulatedCatalog, ownCatalog } = surroundings;
  const describe = (name: string, ports: PortPair, env: Environment, folder = name) =>
    describeService(surroundings, { name, folder, ports, env });
  const adapter = (pool: string, ports: PortPair, env: Environment) =>
    describe(
      `adapter-${pool}`,
      ports,
      { ...env, ADAPTER_POOL: pool, ADVERTISED_ADDRESS: ports.address },
      "adapter",
    );
  return {
    ledgerAddress: ledger.address,
    stages: [
      [
        describe("ledger", ledger, {
          DATABASE_URL: databaseUrl,
          KEY_PEPPER: keyPepper,
          RUN_MIGRATIONS: "true",
          // Its Postgres was seen to answer: a fault is told at once.
          DATABASE_WAIT_MS: "0",
        }),
      ],
      [
        describe("router", router, {
          FAIRLEAD_CATALOG: [simulatedCatalog, ownCatalog]
            .filter((path) => path !== undefined)
            .join(delimiter),
        }),
        // The simulated providers are in no other pool: the other does not know their catalog.
        adapter("simulated", simulated, {
          ...surroundings.simulatedKey,
          FAIRLEAD_CATALOG: simulatedCatalog,
          ADAPTER_PROVIDERS: surroundings.simulatedProviders.join(","),
        }),
        adapter(WITH_PROVIDER_KEYS, standard, {
          FAIRLEAD_CATALOG: ownCatalog,
          ADAPTER_PROVIDERS: "*",
        }),
        describe("prober", prober, { ROUTER_ADDRESS: router.address }),
      ],
      [
        describe("gateway", gateway, {
          HOST,
          PORT: String(surroundings.gatewayPort),
          LEDGER_ADDRESS: ledger.address,
          ROUTER_ADDRESS: router.address,
          KEY_PEPPER: keyPepper,
          SPOOL_DIR: join(surroundings.dataFolder, "spool"),
        }),
      ],
    ],
  };
}

async function findPortPairs(): Promise<
  [PortPair, PortPair, PortPair, PortPair, PortPair, PortPair]
> {
  const ports = await findFreePorts(12);
  const pair = (index: number): PortPair => {
    const [grpc = 0, ops = 0] = ports.slice(2 * index);
    return { grpc, ops, address: `${HOST}:${grpc}` };
  };
  return [pair(0), pair(1), pair(2), pair(3), pair(4), pair(5)];
}

function describeService(surroundings: ServiceSurroundings, service: Service): ProcessSpec {
  const { name, ports } = service;
  const http = service.env.PORT === undefined ? undefined : Number(service.env.PORT);
  // Without any provider's key it has nothing to serve, which is no fault here.
  const mayBeIdle = name === `adapter-${WITH_PROVIDER_KEYS}`;
  const readyUrl = `http://${HOST}:${http ?? ports.ops}/readyz`;
  return {
    name,
    command: process.execPath,
    args: [
      ...(surroundings.nodeArgs[name] ?? []),
      "--conditions=@fairlead/source",
      join(repository, "services", service.folder, "src/main.ts"),
    ],
    cwd: repository,
    env: {
      DRAIN_TIMEOUT_MS: String(DRAIN_TIMEOUT_MS),
      ...selectEnvironment(surroundings.env, mayBeIdle),
      ...surroundings.extraEnv,
      GRPC_HOST: HOST,
      GRPC_PORT: String(ports.grpc),
      OPS_HOST: HOST,
      OPS_PORT: String(ports.ops),
      NATS_URL: surroundings.natsUrl,
      OTEL_EXPORTER_OTLP_ENDPOINT: surroundings.otlpUrl,
      ...service.env,
    },
    ports: {
      ...(http === undefined ? { grpc: ports.grpc } : { http }),
      ops: ports.ops,
    },
    stopSignal: "SIGTERM",
    stopTimeoutMs: STOP_TIMEOUT_MS,
    async isReady(signal) {
      const timeout = AbortSignal.timeout(PROBE_TIMEOUT_MS);
      const response = await fetch(readyUrl, { signal: AbortSignal.any([signal, timeout]) });
      const state = await response.text();
      return response.status === 200 || (mayBeIdle && state.includes('"phase":"running"'));
    },
    async explain() {
      const response = await fetch(`http://${HOST}:${ports.ops}/readyz`, {
        signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
      });
      return (await response.text()).trim();
    },
    onLine: (line) => surroundings.warnings.read(name, line),
  };
}

function selectEnvironment(env: Environment, hasProviderKeys: boolean): NodeJS.ProcessEnv {
  const names = Object.keys(env).filter((name) =>
    hasProviderKeys ? !neverPassedOn.test(name) : passedOn.test(name),
  );
  return Object.fromEntries(names.map((name) => [name, env[name]]));
}
