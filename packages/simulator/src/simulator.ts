import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { resetSimulation } from "./control/handle-control.ts";
import type { Counts } from "./record/counts.ts";
import { createRequestLog } from "./record/request-log.ts";
import type { RequestRecord } from "./record/request-record.ts";
import { openFixtureLibrary } from "./replay/fixture-library.ts";
import { createDice } from "./script/draw-chances.ts";
import { createRateWindows } from "./script/rate-window.ts";
import { createScriptResolver } from "./script/resolve-script.ts";
import { createScriptStore, type ScriptStore } from "./script/script-store.ts";
import { createRequestHandler } from "./server/handle-request.ts";
import type { Simulation } from "./server/simulation.ts";

const RECORDS_MAX = 200_000;
const KEEP_ALIVE_MS = 120_000;
const BACKLOG = 4096;
const IDLE_CHECK_MS = 100;

export interface SimulatorOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** A folder of recordings, served as the models `replay/<file stem>`. */
  readonly fixturesDir?: string | undefined;
  /** Standing scripts by model name, in the grammar of the README. */
  readonly scripts?: Readonly<Record<string, string>>;
  /** Records kept; totals are exact beyond it. */
  readonly recordsMax?: number;
}

export interface Simulator {
  /** Resolves with the port: the one asked for, or a free one for 0. */
  listen(port?: number): Promise<number>;
  /** `http://host:port`; throws before `listen`. */
  readonly url: string;
  readonly counts: Counts;
  readonly scripts: ScriptStore;
  /** Records that arrived after the sequence number `since`, oldest first. */
  requests(since?: number, limit?: number): RequestRecord[];
  /** The body of one of the last 256 requests. */
  readBody(sequence: number): Buffer | undefined;
  reset(): void;
  /**
   * Serves on for `delayMs`, with each answer the last on its connection; then takes no more
   * connections, and ends those with an answer under way when `timeoutMs` are over.
   */
  drain(delayMs: number, timeoutMs: number): Promise<void>;
  /** Ends every connection, also those with an answer under way. */
  close(): Promise<void>;
}

/** A provider of models that does what it is told, and counts exactly what it served. */
export function createSimulator(options: SimulatorOptions = {}): Simulator {
  const host = options.host ?? "127.0.0.1";
  const scripts = createScriptStore(options.scripts);
  const simulation: Simulation = {
    log: createRequestLog(options.recordsMax ?? RECORDS_MAX),
    scripts,
    resolveScript: createScriptResolver(scripts),
    dice: createDice(),
    windows: createRateWindows(),
    fixtures: openFixtureLibrary(options.fixturesDir),
  };
  const server = createServer(
    // The callers are our own: no slow-header guard, whose timers would cost on every request.
    { keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0, headersTimeout: 0, noDelay: true },
    createRequestHandler(simulation),
  );
  let port: number | undefined;
  /** Resolves when the last connection has ended. */
  const stopListening = (): Promise<void> =>
    new Promise((resolve) => server.close(() => resolve()));
  return {
    listen: (wanted = 0) =>
      new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen({ port: wanted, host, backlog: BACKLOG }, () => {
          server.off("error", reject);
          port = (server.address() as AddressInfo).port;
          resolve(port);
        });
      }),
    get url() {
      if (port === undefined) {
        throw new Error("the simulator does not listen yet");
      }
      return `http://${host}:${port}`;
    },
    get counts() {
      return simulation.log.counts();
    },
    scripts,
    requests: (since = 0, limit = RECORDS_MAX) => simulation.log.list(since, limit),
    readBody: (sequence) => simulation.log.readBody(sequence),
    reset: () => resetSimulation(simulation),
    async drain(delayMs, timeoutMs) {
      // Before the handler, which may answer in the same tick.
      server.prependListener("request", (_request, response) => {
        response.shouldKeepAlive = false;
      });
      await delay(delayMs);
      const timer = setTimeout(() => server.closeAllConnections(), timeoutMs);
      // What ends later was not told to close.
      const sweep = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
      await stopListening();
      clearTimeout(timer);
      clearInterval(sweep);
    },
    async close() {
      const stopped = stopListening();
      server.closeAllConnections();
      await stopped;
    },
  };
}
