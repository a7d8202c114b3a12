import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { connect as connectTls } from "node:tls";

/**
 * A pod that tries what it should not reach. Environment: TARGETS, a JSON list of
 * `{ name, host, port }`; DENIED, the name of one that every policy forbids, for which it waits
 * since a new pod may be unprotected for a moment; GREET, a comma-separated list of names that are
 * greeted in HTTP/2 too: plain, by TLS without a certificate, and with the one in /secrets.
 * It prints one JSON object: `open`, the names that took a connection, and `greetings`.
 */
interface Target {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

const CONNECT_MS = 2_000;
const ATTEMPTS = 3;
const ATTEMPT_PAUSE_MS = 500;
const GREETING_MS = 4_000;
const PROTECTION_MS = 30_000;
const HTTP2_PREFACE = Buffer.concat([
  Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  // An empty SETTINGS frame.
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);
const SETTINGS_FRAME = 4;

const targets = JSON.parse(process.env.TARGETS ?? "[]") as Target[];
const greeted = new Set((process.env.GREET ?? "").split(","));

/** Tries thrice, since on a busy machine a first packet may come late. */
async function isReachable(target: Target): Promise<boolean> {
  for (let count = 0; count < ATTEMPTS; count += 1) {
    if (await isOpen(target)) {
      return true;
    }
    await delay(ATTEMPT_PAUSE_MS);
  }
  return false;
}

function isOpen({ host, port }: Target): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_MS });
    const end = (result: boolean): void => {
      socket.destroy();
      resolve(result);
    };
    socket.once("connect", () => end(true));
    socket.once("timeout", () => end(false));
    socket.once("error", () => end(false));
  });
}

/** "answered" when the peer speaks HTTP/2 with us, else "refused". */
function greet(open: () => Socket): Promise<string> {
  return new Promise((resolve) => {
    const socket = open();
    const timer = setTimeout(() => end("refused"), GREETING_MS);
    const end = (result: string): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    socket.write(HTTP2_PREFACE);
    socket.once("data", (bytes) => end(bytes[3] === SETTINGS_FRAME ? "answered" : "refused"));
    socket.once("error", () => end("refused"));
    socket.once("close", () => end("refused"));
  });
}

async function greetAll({ name, host, port }: Target) {
  const read = (file: string): Buffer => readFileSync(`/secrets/${file}`);
  const component = name.split(":")[0];
  const tls = {
    host,
    port,
    servername: `${component}.fairlead.internal`,
    ca: read("ca.crt"),
    ALPNProtocols: ["h2"],
  };
  return {
    name,
    plain: await greet(() => connect({ host, port })),
    anonymous: await greet(() => connectTls(tls)),
    known: await greet(() => connectTls({ ...tls, cert: read("tls.crt"), key: read("tls.key") })),
  };
}

const forbidden = targets.find(({ name }) => name === process.env.DENIED);
const deadlineMs = performance.now() + PROTECTION_MS;
while (forbidden !== undefined && performance.now() < deadlineMs && (await isOpen(forbidden))) {
  await delay(200);
}
const results = await Promise.all(
  targets.map(async (target) => ({ name: target.name, isOpen: await isReachable(target) })),
);
const open = results.filter((result) => result.isOpen).map(({ name }) => name);
const greetings = await Promise.all(targets.filter(({ name }) => greeted.has(name)).map(greetAll));
process.stdout.write(`${JSON.stringify({ open, greetings })}\n`);
