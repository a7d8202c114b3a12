import { mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { AppError } from "@fairlead/errors";
import type { ProcessSpec } from "../process/process-spec.ts";
import type { NatsBinary } from "./nats-binary.ts";
import type { ServerCertificate } from "./server-certificate.ts";

const HOST = "127.0.0.1";
const STOP_TIMEOUT_MS = 5_000;
const GREETING_TIMEOUT_MS = 2_000;
/** Inside the container, where the image runs. */
const MOUNT = "/fairlead";
const CERT_FILE = "server.crt";
const KEY_FILE = "server.key";

export interface NatsOptions {
  readonly binary: NatsBinary;
  /** Holds the configuration and JetStream's data. */
  readonly folder: string;
  readonly port: number;
  /** If given, it takes clients by TLS only. */
  readonly certificate?: ServerCertificate | undefined;
}

/** A NATS server with JetStream on 127.0.0.1. */
export function describeNats(options: NatsOptions): ProcessSpec {
  const { binary, folder, port, certificate } = options;
  const isImage = binary.kind === "image";
  const seen = isImage ? MOUNT : folder;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const configuration = join(folder, "nats.conf");
  writeFileSync(
    configuration,
    describeConfiguration({
      host: isImage ? "0.0.0.0" : HOST,
      port,
      storeFolder: join(seen, "jetstream"),
      ...(certificate && { certFile: join(seen, CERT_FILE), keyFile: join(seen, KEY_FILE) }),
    }),
    { mode: 0o600 },
  );
  if (certificate !== undefined) {
    writeFileSync(join(folder, CERT_FILE), certificate.cert);
    writeFileSync(join(folder, KEY_FILE), certificate.key, { mode: 0o600 });
  }
  const container = ["run", "--rm", "--init", "-p", `${HOST}:${port}:${port}`];
  return {
    name: "nats",
    command: isImage ? "docker" : binary.path,
    args: isImage
      ? [...container, "-v", `${folder}:${MOUNT}`, binary.name, "-c", `${MOUNT}/nats.conf`]
      : ["-c", configuration],
    env: isImage ? process.env : { PATH: process.env.PATH, HOME: dirname(folder) },
    ports: { nats: port },
    stopSignal: "SIGTERM",
    stopTimeoutMs: STOP_TIMEOUT_MS,
    isReady: () => isNats(`nats://${HOST}:${port}`),
  };
}

/** What nats-server reads. */
export function describeConfiguration(options: {
  readonly host: string;
  readonly port: number;
  readonly storeFolder: string;
  readonly certFile?: string;
  readonly keyFile?: string;
}): string {
  const { certFile, keyFile } = options;
  return `listen: "${options.host}:${options.port}"
server_name: fairlead-local
jetstream {
  store_dir: ${JSON.stringify(options.storeFolder)}
  max_memory_store: 512MB
  max_file_store: 16GB
  # A published usage event is on the disk before it is acknowledged: it is money.
  sync_interval: always
}
${certFile === undefined ? "" : `tls { cert_file: ${JSON.stringify(certFile)}, key_file: ${JSON.stringify(keyFile)} }\n`}`;
}

/** Whether a NATS server greets at this address. */
export async function isNats(url: string): Promise<boolean> {
  return (await readGreeting(url)) !== undefined;
}

/** Fails with the remedy unless a NATS server with JetStream answers at one of the addresses. */
export async function checkNats(urls: string): Promise<void> {
  let greeting: string | undefined;
  for (const url of urls.split(",")) {
    greeting ??= await readGreeting(url.trim());
  }
  if (greeting === undefined) {
    throw new AppError(
      "unavailable",
      `No NATS server answers at NATS_URL: start it, correct the address, or unset NATS_URL and one is started here.`,
    );
  }
  if (!/"jetstream"\s*:\s*true/.test(greeting)) {
    throw new AppError(
      "unavailable",
      "The NATS server at NATS_URL has JetStream off: start it with `nats-server -js`, or unset NATS_URL and one is started here.",
    );
  }
}

/** The INFO line that every NATS server sends first. */
function readGreeting(url: string): Promise<string | undefined> {
  const { hostname, port } = parseUrl(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port });
    let received = "";
    const finish = (greeting: string | undefined) => {
      socket.destroy();
      resolve(greeting);
    };
    socket.setTimeout(GREETING_TIMEOUT_MS, () => finish(undefined));
    socket.on("error", () => finish(undefined));
    socket.on("close", () => finish(undefined));
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
      if (!"INFO ".startsWith(received.slice(0, 5))) {
        finish(undefined);
      } else if (received.includes("\r\n")) {
        finish(received);
      }
    });
  });
}

function parseUrl(url: string): { hostname: string; port: number } {
  const text = url.includes("://") ? url : `nats://${url}`;
  if (!URL.canParse(text)) {
    throw new AppError(
      "invalid_request",
      "NATS_URL is not an address: write it as nats://127.0.0.1:4222.",
    );
  }
  const { hostname, port } = new URL(text);
  return { hostname: hostname.replace(/^\[|\]$/g, ""), port: port === "" ? 4222 : Number(port) };
}
