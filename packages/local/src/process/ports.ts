import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import { AppError } from "@fairlead/errors";

/**
 * Below the range that kernels give to outgoing connections (32768 on Linux, 49152 elsewhere): a
 * service that is killed under load finds its port free when it comes back.
 */
const PORT_MIN = 20_000;
const PORT_MAX = 32_000;
const ATTEMPTS_MAX = 200;

const given = new Set<number>();

/** `count` distinct ports of 127.0.0.1 that nothing listens on, and never the same one twice. */
export async function findFreePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let attempt = 0; ports.length < count; attempt += 1) {
    if (attempt > ATTEMPTS_MAX + count) {
      throw new AppError(
        "unavailable",
        `No free port found on 127.0.0.1 between ${PORT_MIN} and ${PORT_MAX}: end what listens there.`,
      );
    }
    const port = randomInt(PORT_MIN, PORT_MAX);
    if (!given.has(port) && (await isPortFree(port))) {
      given.add(port);
      ports.push(port);
    }
  }
  return ports;
}

export async function findFreePort(): Promise<number> {
  const [port] = await findFreePorts(1);
  return port as number;
}

/** Whether a server could listen on this port of 127.0.0.1 right now. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => {
      server.close(() => resolve(true));
    });
  });
}
