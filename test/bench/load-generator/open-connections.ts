import { Connection, type ConnectionEvents } from "./connection.ts";
import type { Address } from "./job.ts";

const OPEN_TIMEOUT_MS = 10_000;

/** Opens `count` connections before the first request, so that no connect is measured. */
export function openConnections(
  address: Address,
  count: number,
  events: ConnectionEvents,
): Promise<Connection[]> {
  return new Promise((resolve, reject) => {
    const connections: Connection[] = [];
    let open = 0;
    const timer = setTimeout(() => {
      reject(new Error(`only ${open} of ${count} connections to port ${address.port} opened`));
    }, OPEN_TIMEOUT_MS);
    const opened = (): void => {
      open += 1;
      if (open === count) {
        clearTimeout(timer);
        resolve(connections);
      }
    };
    for (let index = 0; index < count; index += 1) {
      connections.push(new Connection(address, events, opened));
    }
  });
}
