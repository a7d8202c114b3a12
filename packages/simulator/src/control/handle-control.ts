import type { IncomingMessage, ServerResponse } from "node:http";
import { ScriptError } from "../script/script-error.ts";
import type { Simulation } from "../server/simulation.ts";
import { readScriptOrder } from "./read-script-order.ts";

const RECORDS_LIMIT_DEFAULT = 10_000;

export interface ControlTarget {
  readonly path: string;
  readonly query: string;
  readonly body: Buffer;
}

/** The simulator's own API: counts, records and scripts. */
export function handleControl(
  simulation: Simulation,
  request: IncomingMessage,
  response: ServerResponse,
  target: ControlTarget,
): void {
  try {
    const answer = answerControl(simulation, `${request.method} ${target.path}`, target);
    if (Buffer.isBuffer(answer)) {
      send(response, 200, answer);
    } else if (answer === undefined) {
      send(response, 404, JSON.stringify({ error: `no ${request.method} ${target.path}` }));
    } else {
      send(response, 200, JSON.stringify(answer));
    }
  } catch (error) {
    const isCallersFault =
      error instanceof ScriptError || error instanceof SyntaxError || error instanceof RangeError;
    send(response, isCallersFault ? 400 : 500, JSON.stringify({ error: String(error) }));
  }
}

function answerControl(
  simulation: Simulation,
  call: string,
  { query, body }: ControlTarget,
): unknown {
  const { log, scripts } = simulation;
  const parameters = new URLSearchParams(query);
  switch (call) {
    case "GET /control/counts":
      return log.counts();
    case "GET /control/requests":
      return log.list(
        Number(parameters.get("since") ?? 0),
        Number(parameters.get("limit") ?? RECORDS_LIMIT_DEFAULT),
      );
    case "POST /control/reset":
      resetSimulation(simulation);
      return { reset: true };
    case "GET /control/scripts":
      return scripts.list();
    case "POST /control/scripts": {
      const { model, script, requests } = readScriptOrder(body);
      scripts.set(model, script, requests);
      return { model, script, requests: requests ?? null };
    }
    case "DELETE /control/scripts":
      scripts.clear(parameters.get("model") ?? undefined);
      return { cleared: parameters.get("model") ?? "*" };
    default: {
      const sequence = /^GET \/control\/requests\/(\d+)\/body$/.exec(call)?.[1];
      return sequence === undefined ? undefined : log.readBody(Number(sequence));
    }
  }
}

/** Forgets requests, counts and windows; scripts stay until they are cleared. */
export function resetSimulation({ log, dice, windows }: Simulation): void {
  log.reset();
  dice.reset();
  windows.reset();
}

function send(response: ServerResponse, status: number, body: string | Buffer): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(body);
}
