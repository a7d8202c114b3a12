import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "@fairlead/errors";
import { type LocalConfig, readConfig } from "../config.ts";
import { describeDiskFault, type Home, openHome } from "../home/open-home.ts";
import { Secrets } from "../home/secrets.ts";
import { findFreePort, isPortFree } from "../process/ports.ts";
import { Supervisor } from "../process/supervisor.ts";
import { startTraceReceiver, type TraceReceiver } from "../traces/trace-receiver.ts";
import type { Platform, PlatformAddresses, PlatformOptions, PlatformProcess } from "./platform.ts";
import { seed } from "./seed.ts";
import { describeServices } from "./service-specs.ts";
import { describeSimulatedCatalog, SIMULATED_KEY_VARIABLE } from "./simulated-catalog.ts";
import { WarningFilter } from "./warning-filter.ts";
import { checkOwnServers, startServers, type Servers } from "./start-servers.ts";

/** What is open while a platform runs, for one way to close it. */
interface Running {
  readonly home: Home;
  readonly supervisor: Supervisor;
  readonly receiver: TraceReceiver;
}

/**
 * Starts the whole platform on this machine and resolves when the gateway is ready. When any part
 * of that fails, all of it is ended and the reason is thrown.
 */
export async function startPlatform(options: PlatformOptions = {}): Promise<Platform> {
  const config = applyOptions(readConfig({ ...process.env, ...options.env }), options);
  const home = openHome(config.home);
  const failure = Promise.withResolvers<AppError>();
  const notice = options.notice ?? (() => undefined);
  const supervisor = new Supervisor({ logFolder: home.logs, notice, giveUp: failure.resolve });
  const receiver = await startTraceReceiver();
  const running: Running = { home, supervisor, receiver };
  const abort = () => void supervisor.stop();
  options.signal?.addEventListener("abort", abort, { once: true });
  try {
    options.signal?.throwIfAborted();
    const port = await choosePort(options.port ?? config.port);
    await checkOwnServers(config);
    const addresses = await start({ config, options, port, running, notice });
    writeDevFile(running, addresses);
    return describePlatform(running, addresses, failure.promise);
  } catch (error) {
    await close(running);
    throw describeDiskFault(error, home.path);
  } finally {
    options.signal?.removeEventListener("abort", abort);
  }
}

interface Start {
  readonly config: LocalConfig;
  readonly options: PlatformOptions;
  readonly port: number;
  readonly running: Running;
  readonly notice: (text: string) => void;
}

async function start(context: Start): Promise<PlatformAddresses> {
  const { config, options, port, running } = context;
  const { home, supervisor, receiver } = running;
  const secrets = new Secrets(home.secrets);
  const servers = await startServers({ config, home, secrets, supervisor, notice: context.notice });
  const env = { ...process.env, ...options.env };
  const keyPepper = env.KEY_PEPPER || secrets.readOrMake("key-pepper");
  const otlpUrl = config.otlpEndpoint ?? receiver.url;
  const catalog = await writeCatalog(home, servers);
  const dataFolder = join(home.path, "data");
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const warnings = new WarningFilter(context.notice);
  const { stages, ledgerAddress } = await describeServices({
    env,
    extraEnv: selectExtra(options.env),
    gatewayPort: port,
    databaseUrl: servers.databaseUrl,
    natsUrl: servers.natsUrl,
    otlpUrl,
    keyPepper,
    dataFolder,
    simulatedCatalog: catalog.path,
    ownCatalog: config.catalog,
    simulatedProviders: catalog.providers,
    simulatedKey: { [SIMULATED_KEY_VARIABLE]: "sk-simulated" },
    nodeArgs: options.nodeArgs ?? {},
    warnings,
  });
  context.notice("starting the services");
  const started = supervisor.start(...stages);
  // A service that fails to start ends the wait for the ledger, and the other way round.
  const ledger = supervisor.find("ledger");
  const seeded = ledger.whenReady().then(() => seed({ ledgerAddress, keyPepper, secrets }));
  const [keys] = await Promise.all([seeded, started]);
  warnings.setCalm();
  const baseUrl = `http://127.0.0.1:${port}`;
  return {
    baseUrl,
    consoleUrl: `${baseUrl}/`,
    ...keys,
    postgresUrl: servers.databaseUrl,
    natsUrl: servers.natsUrl,
    otlpUrl,
    simulators: { simulator: servers.simulatorUrl },
  };
}

function applyOptions(config: LocalConfig, options: PlatformOptions): LocalConfig {
  return options.home === undefined ? config : { ...config, home: options.home };
}

async function choosePort(port: number): Promise<number> {
  if (port === 0) {
    return findFreePort();
  }
  if (await isPortFree(port)) {
    return port;
  }
  throw new AppError(
    "unavailable",
    `Port ${port} of 127.0.0.1 is taken by another process: end it, or set FAIRLEAD_PORT to a free port.`,
  );
}

async function writeCatalog(
  home: Home,
  servers: Servers,
): Promise<{ path: string; providers: readonly string[] }> {
  const path = join(home.path, "simulated-catalog.yaml");
  const deadUrl = `http://127.0.0.1:${await findFreePort()}`;
  const { yaml, providers } = describeSimulatedCatalog(servers.simulatorUrl, deadUrl);
  writeFileSync(path, yaml);
  return { path, providers };
}

/** Keys of providers are for the adapters only, whoever gives them. */
function selectExtra(env: PlatformOptions["env"] = {}): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/KEY|TOKEN|SECRET|CREDENTIAL|CATALOG/.test(name)),
  );
}

function listProcesses(supervisor: Supervisor): PlatformProcess[] {
  return supervisor.processes.flatMap(({ spec, pid }) =>
    pid === undefined ? [] : [{ name: spec.name, pid, ports: spec.ports }],
  );
}

/** It holds keys: only its owner may read it. Replaced as a whole: others read it at any moment. */
function writeDevFile({ home, supervisor }: Running, addresses: PlatformAddresses): void {
  const content = { ...addresses, processes: listProcesses(supervisor) };
  const next = `${home.devFile}.new`;
  writeFileSync(next, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(next, home.devFile);
}

function describePlatform(
  running: Running,
  addresses: PlatformAddresses,
  failed: Promise<AppError>,
): Platform {
  const { home, supervisor, receiver } = running;
  // Their numbers change when processes come back.
  supervisor.onStarted = () => writeDevFile(running, addresses);
  return {
    ...addresses,
    home: home.path,
    traces: receiver.store,
    failed,
    processes: () => listProcesses(supervisor),
    kill: (name, signal = "SIGKILL") => supervisor.find(name).kill(signal),
    whenReady: (name) => supervisor.find(name).whenReady(),
    restart: (name) => supervisor.find(name).restart(),
    stop: () => close(running),
  };
}

async function close({ home, supervisor, receiver }: Running): Promise<void> {
  await supervisor.stop();
  await receiver.close();
  home.close();
}
