import { hostname, networkInterfaces } from "node:os";

const everywhere = new Set(["0.0.0.0", "::", ""]);

/**
 * host:port under which other machines reach a server on this host. The name of a pod resolves
 * nowhere, so a server that listens everywhere is announced by its first outward address.
 */
export function findAddress(
  host: string,
  port: number,
  interfaces: ReturnType<typeof networkInterfaces> = networkInterfaces(),
): string {
  return `${everywhere.has(host) ? findOutwardHost(interfaces) : bracket(host)}:${port}`;
}

function findOutwardHost(interfaces: ReturnType<typeof networkInterfaces>): string {
  const outward = Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, scopeid }) => !internal && !scopeid);
  const chosen = outward.find(({ family }) => family === "IPv4") ?? outward[0];
  return chosen === undefined ? hostname() : bracket(chosen.address);
}

function bracket(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
