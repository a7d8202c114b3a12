import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { ProcessSpec } from "../process/process-spec.ts";
import { findHome } from "../config.ts";
import { findFreePort } from "../process/ports.ts";
import { Leash } from "../process/leash.ts";
import { Supervisor } from "../process/supervisor.ts";
import { findNatsBinary } from "./nats-binary.ts";
import { describeNats } from "./nats.ts";
import { describePostgres, describeUrl } from "./postgres.ts";
import type { ServerCertificate } from "./server-certificate.ts";

/** Guards nothing: a server for tests holds no secret and listens on 127.0.0.1. */
const TEST_PASSWORD = "fairlead";

export interface ServerOptions {
  /** For TLS. */
  readonly certificate?: ServerCertificate | undefined;
}

export interface RunningServer {
  readonly url: string;
  /** The server's process. */
  readonly pid: number;
  /** Sends it a signal; it is started again when it dies of it. */
  kill(signal: NodeJS.Signals): void;
  /** Resolves when it answers again after a kill. */
  whenReady(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** A PostgreSQL server of its own for tests, with its data in a temporary folder. */
export async function startPostgres({ certificate }: ServerOptions = {}): Promise<RunningServer> {
  const port = await findFreePort();
  return startServer(
    (folder) =>
      describePostgres({
        dataFolder: join(folder, "postgres"),
        port,
        password: TEST_PASSWORD,
        isDisposable: true,
        certificate,
      }),
    describeUrl({ port, password: TEST_PASSWORD }, "postgres"),
  );
}

/** A NATS server of its own with JetStream for tests, with its data in a temporary folder. */
export async function startNats({ certificate }: ServerOptions = {}): Promise<RunningServer> {
  const leash = new Leash();
  const notice = () => undefined;
  const binary = await findNatsBinary(join(findHome(), "bin"), { notice, leash });
  await leash.release();
  const port = await findFreePort();
  return startServer(
    (folder) => describeNats({ binary, folder: join(folder, "nats"), port, certificate }),
    `nats://127.0.0.1:${port}`,
  );
}

async function startServer(
  describe: (folder: string) => ProcessSpec,
  url: string,
): Promise<RunningServer> {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-server-"));
  // PostgreSQL runs as another user when we are root; the secrets in here have modes of their own.
  chmodSync(folder, 0o755);
  const supervisor = new Supervisor({
    logFolder: join(folder, "logs"),
    notice: () => undefined,
    giveUp: () => undefined,
  });
  const stop = async () => {
    await supervisor.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const spec = describe(folder);
    await supervisor.start([spec]);
    const server = supervisor.find(spec.name);
    return {
      url,
      pid: server.pid as number,
      kill: (signal) => server.kill(signal),
      whenReady: () => server.whenReady(),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
