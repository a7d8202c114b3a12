import { request } from "node:http";

const PING_TIMEOUT_MS = 1_000;
const SOCKET = "/var/run/docker.sock";

/**
 * Whether a Docker engine answers. Asked before testcontainers is loaded, which takes a second
 * that most machines without an engine can save.
 */
export function hasDocker(environment: NodeJS.ProcessEnv = process.env): Promise<boolean> {
  const target = describeEngine(environment.DOCKER_HOST);
  if (target === undefined) {
    return Promise.resolve(false);
  }
  return new Promise((resolve) => {
    const ping = request({ ...target, path: "/_ping", timeout: PING_TIMEOUT_MS }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    ping.on("error", () => resolve(false));
    ping.on("timeout", () => {
      ping.destroy();
      resolve(false);
    });
    ping.end();
  });
}

function describeEngine(
  address: string | undefined,
): { socketPath: string } | { host: string; port: string } | undefined {
  if (address === undefined || address === "") {
    return { socketPath: SOCKET };
  }
  if (address.startsWith("unix://")) {
    return { socketPath: address.slice("unix://".length) };
  }
  if (address.startsWith("tcp://") && URL.canParse(address)) {
    const { hostname, port } = new URL(address);
    return { host: hostname, port: port === "" ? "2375" : port };
  }
  return undefined;
}
