import { join } from "node:path";
import { AppError } from "@fairlead/errors";
import { findHome, type LocalConfig, repository } from "../config.ts";
import type { Home } from "../home/open-home.ts";
import type { Secrets } from "../home/secrets.ts";
import { findFreePorts } from "../process/ports.ts";
import type { ProcessSpec } from "../process/process-spec.ts";
import type { Supervisor } from "../process/supervisor.ts";
import { findNatsBinary } from "../servers/nats-binary.ts";
import { checkNats, describeNats } from "../servers/nats.ts";
import { createDatabase, describePostgres, describeUrl, withClient } from "../servers/postgres.ts";

const HOST = "127.0.0.1";
const DATABASE = "fairlead";
const SIMULATOR_STOP_TIMEOUT_MS = 3_000;
const POSTGRES_MAJOR_MIN = 15;
/** Below it, each provider has the recordings of its real answers. */
const RECORDINGS = "packages/providers/src";

export interface Servers {
  readonly databaseUrl: string;
  readonly natsUrl: string;
  readonly simulatorUrl: string;
}

/** Fails with the remedy when DATABASE_URL or NATS_URL is set and does not lead to a server. */
export async function checkOwnServers(config: LocalConfig): Promise<void> {
  if (config.databaseUrl !== undefined) {
    await checkDatabase(config.databaseUrl);
  }
  if (config.natsUrl !== undefined) {
    await checkNats(config.natsUrl);
  }
}

/** Starts what the services stand on, as far as it does not run already. */
export async function startServers(options: {
  readonly config: LocalConfig;
  readonly home: Home;
  readonly secrets: Secrets;
  readonly supervisor: Supervisor;
  readonly notice: (text: string) => void;
}): Promise<Servers> {
  const { config, home, secrets, supervisor, notice } = options;
  const [postgresPort = 0, natsPort = 0, simulatorPort = 0] = await findFreePorts(3);
  const specs: ProcessSpec[] = [describeSimulator(simulatorPort)];
  let serverUrl = "";
  const nats =
    config.natsUrl === undefined
      ? startNats({ folder: join(home.path, "nats"), port: natsPort, supervisor, notice })
      : undefined;
  // Awaited below; until then a failure of the others must not leave it unheard.
  nats?.catch(() => undefined);
  if (config.databaseUrl === undefined) {
    const postgres = {
      dataFolder: join(home.path, "postgres"),
      port: postgresPort,
      password: secrets.readOrMake("postgres-password"),
    };
    serverUrl = describeUrl(postgres, "postgres");
    specs.push(describePostgres(postgres));
  }
  notice(`starting ${specs.map((spec) => spec.name).join(", ")}`);
  await Promise.all([supervisor.start(specs), nats]);
  return {
    databaseUrl: config.databaseUrl ?? (await createDatabase(serverUrl, DATABASE)),
    natsUrl: config.natsUrl ?? `nats://${HOST}:${natsPort}`,
    simulatorUrl: `http://${HOST}:${simulatorPort}`,
  };
}

/** Beside the others: where it must be fetched first, they need not wait for it. */
async function startNats(options: {
  readonly folder: string;
  readonly port: number;
  readonly supervisor: Supervisor;
  readonly notice: (text: string) => void;
}): Promise<void> {
  const { folder, port, supervisor, notice } = options;
  // A home for one test still uses the programs that were fetched once.
  const binary = await findNatsBinary(join(findHome(), "bin"), {
    notice,
    leash: supervisor.leash,
  });
  notice("starting nats");
  await supervisor.start([describeNats({ binary, folder, port })]);
}

function describeSimulator(port: number): ProcessSpec {
  return {
    name: "simulator",
    command: process.execPath,
    args: ["--conditions=@fairlead/source", join(repository, "packages/simulator/src/main.ts")],
    cwd: repository,
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      HOST,
      PORT: String(port),
      FIXTURES_DIR: join(repository, RECORDINGS),
    },
    ports: { http: port },
    stopSignal: "SIGTERM",
    stopTimeoutMs: SIMULATOR_STOP_TIMEOUT_MS,
    async isReady(signal) {
      const response = await fetch(`http://${HOST}:${port}/control/counts`, { signal });
      await response.body?.cancel();
      return response.ok;
    },
  };
}

async function checkDatabase(url: string): Promise<void> {
  let version: number;
  try {
    version = await withClient(url, async (client) => {
      const { rows } = await client.query<{ server_version_num: string }>(
        "SHOW server_version_num",
      );
      return Math.floor(Number(rows[0]?.server_version_num) / 10_000);
    });
  } catch (error) {
    throw new AppError(
      "unavailable",
      `DATABASE_URL does not work (${describeReason(error)}): correct it, or unset it and a PostgreSQL is started here.`,
      { cause: error },
    );
  }
  if (version < POSTGRES_MAJOR_MIN) {
    throw new AppError(
      "unavailable",
      `The server at DATABASE_URL is PostgreSQL ${version}: use one of version ${POSTGRES_MAJOR_MIN} or newer, or unset DATABASE_URL and one is started here.`,
    );
  }
}

/** Without the address: it holds the password. */
function describeReason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case "ECONNREFUSED":
      return "nothing listens at that address";
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return "there is no such host";
    case "28P01":
    case "28000":
      return "the user or the password is wrong";
    case "3D000":
      return "there is no such database";
    default:
      return code ?? message;
  }
}
