import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { RpcLogger } from "../log.ts";

const INTERVAL_MS = 2_000;

/** All addresses of a host name. */
export type ResolveHost = (host: string) => Promise<readonly string[]>;

export interface AddressWatchOptions {
  /** Called with all addresses (host:port) at first, and when they have changed. */
  readonly onChange: (addresses: readonly string[]) => void;
  readonly logger: RpcLogger;
  /** The machine's resolver unless given. */
  readonly resolve?: ResolveHost;
  /** Between two looks; 2 s. */
  readonly intervalMs?: number;
}

export interface AddressWatch {
  close(): void;
}

interface Target {
  readonly host: string;
  readonly port: string;
  /** What the name last resolved to. */
  known: readonly string[];
  isFailing: boolean;
}

/**
 * Keeps the addresses behind `targets` (host:port) up to date: a name may have several, as a
 * headless Service has, and they change. A name that does not resolve keeps those it had.
 */
export function watchAddresses(
  targets: readonly string[],
  options: AddressWatchOptions,
): AddressWatch {
  const { onChange, logger, resolve = resolveAll } = options;
  const entries = targets.map(parseTarget);
  let current = "";
  let isLooking = false;
  let isClosed = false;

  function tell(): void {
    const addresses = [...new Set(entries.flatMap(toAddresses))].toSorted();
    if (isClosed || addresses.join() === current) {
      return;
    }
    try {
      onChange(addresses);
      current = addresses.join();
    } catch (error) {
      // Told again at the next look.
      logger.error({ err: error, addresses }, "changed addresses could not be used");
    }
  }

  async function look(entry: Target): Promise<void> {
    if (isIP(entry.host) !== 0) {
      entry.known = [entry.host];
      return;
    }
    try {
      const found = await resolve(entry.host);
      // A name without an address is a Service without a ready pod: those that are known may live.
      entry.known = found.length > 0 ? found : entry.known;
      entry.isFailing = false;
    } catch (error) {
      if (!entry.isFailing) {
        logger.warn({ err: error, host: entry.host }, "a name does not resolve; trying again");
      }
      entry.isFailing = true;
    }
  }

  async function lookAtAll(): Promise<void> {
    // The machine's resolver may take longer than the interval.
    if (isLooking) {
      return;
    }
    isLooking = true;
    try {
      await Promise.all(
        entries.map(async (entry) => {
          await look(entry);
          tell();
        }),
      );
    } finally {
      isLooking = false;
    }
  }

  void lookAtAll();
  const timer = setInterval(() => void lookAtAll(), options.intervalMs ?? INTERVAL_MS);
  timer.unref();
  return {
    close() {
      isClosed = true;
      clearInterval(timer);
    },
  };
}

function parseTarget(target: string): Target {
  const colon = target.lastIndexOf(":");
  const host = target.slice(0, colon).replace(/^\[(.*)\]$/, "$1");
  return { host, port: target.slice(colon + 1), known: [], isFailing: false };
}

function toAddresses({ known, port }: Target): string[] {
  return known.map((host) => (host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`));
}

async function resolveAll(host: string): Promise<readonly string[]> {
  const found = await lookup(host, { all: true });
  return found.map(({ address }) => address);
}
