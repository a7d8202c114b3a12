import type { IncomingMessage, ServerResponse } from "node:http";
import { composeAnswer } from "../answer/compose-answer.ts";
import { countPromptTokens, type Usage } from "../answer/usage.ts";
import type { Dialect, Exchange, SimulatedRequest } from "../dialects/dialect.ts";
import { Refusal } from "../dialects/refusal.ts";
import type { RequestRecord } from "../record/request-record.ts";
import { isReplay, sendRecording } from "../replay/send-recording.ts";
import type { Chances } from "../script/draw-chances.ts";
import type { Script } from "../script/script.ts";
import { ScriptError } from "../script/script-error.ts";
import { type Reply, watchEnd } from "../wire/reply.ts";
import { sendError } from "../wire/send-error.ts";
import { sendReply } from "../wire/send-reply.ts";
import { beginRecord, readHeader } from "./begin-record.ts";
import type { Simulation } from "./simulation.ts";

/** Keys that begin so are answered as a provider answers a key it does not know. */
const INVALID_KEY = "invalid";

export interface InferenceCall {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly dialect: Dialect;
  /** What follows the dialect's base path, decoded: Gemini's model and method. */
  readonly path: string;
  readonly query: string;
  readonly body: Buffer;
}

/** Reads, checks and answers one request in its dialect, and records it. */
export function handleInference(simulation: Simulation, call: InferenceCall): void {
  const { request, response, dialect, query, body } = call;
  const { headers } = request;
  const key = dialect.readKey(headers, query);
  const record = beginRecord({
    sequence: simulation.log.nextSequence(),
    dialect: dialect.name,
    path: request.url ?? "",
    headers,
    key,
    body,
  });
  simulation.log.begin(record, body);
  watchEnd(response, record, simulation.log);
  try {
    checkKey(key);
    dialect.checkHeaders(headers);
    answer(simulation, call, record);
  } catch (error) {
    sendError(response, dialect, record, toRefusal(error));
  }
}

function answer(simulation: Simulation, call: InferenceCall, record: RequestRecord): void {
  const { request, response, dialect } = call;
  const parsed = dialect.readRequest(parseJson(call.body), call.path, call.query);
  record.model = parsed.model;
  record.isStream = parsed.isStream;
  if (isReplay(parsed.model)) {
    sendRecording(response, dialect, record, simulation.fixtures);
    return;
  }
  const script = simulation.resolveScript({
    model: parsed.model,
    header: readHeader(request.headers["x-simulator"]),
    lastUserText: parsed.lastUserText,
  });
  if (script === undefined) {
    throw new Refusal(404, `The model \`${parsed.model}\` does not exist.`, { param: "model" });
  }
  const waitMs = simulation.windows.take(parsed.model, script, record.startedAt);
  if (waitMs > 0) {
    record.fault = "limit";
    const refusal = new Refusal(429, "Rate limit reached for requests.");
    sendError(response, dialect, record, refusal, Math.ceil(waitMs / 1000));
    return;
  }
  const chances = simulation.dice.draw(parsed.model, script);
  record.fault = chances.fault?.kind ?? null;
  const reply = prepareReply(call, record, parsed, script, chances);
  const delayMs = chances.latencyMs + (parsed.isStream ? 0 : measureAnswerTime(reply));
  if (delayMs === 0) {
    sendReply(reply);
  } else {
    setTimeout(sendReply, delayMs, reply);
  }
}

function prepareReply(
  { response, dialect }: InferenceCall,
  record: RequestRecord,
  request: SimulatedRequest,
  script: Script,
  { fault, ttftMs }: Chances,
): Reply {
  const isHuge = fault?.kind === "huge_line";
  const effective = isHuge ? { ...script, text: "x".repeat(fault.bytes) } : script;
  const composed = composeAnswer(effective, request);
  const exchange: Exchange = {
    sequence: record.sequence,
    request,
    answer: composed,
    usage: countUsage(script, request, composed.units.length, composed.reasoningUnits),
    created: Math.floor(record.startedAt / 1000),
    hasUsage: fault?.kind !== "no_usage",
  };
  const decided = fault === script.fault ? script : { ...script, fault };
  return { response, dialect, exchange, script: decided, record, ttftMs };
}

function countUsage(
  script: Script,
  request: SimulatedRequest,
  completion: number,
  reasoning: number,
): Usage {
  const prompt = countPromptTokens(request.promptCharacters);
  const cacheRead = Math.min(script.cached, prompt);
  const cacheWrite = Math.min(script.cacheWrite, prompt - cacheRead);
  return { prompt, cacheRead, cacheWrite, completion, reasoning };
}

/** A JSON answer comes when its stream would have ended. */
function measureAnswerTime({ script, exchange, ttftMs }: Reply): number {
  const units = exchange.answer.units.length;
  return ttftMs + (script.rate === 0 ? 0 : (Math.max(0, units - 1) * 1000) / script.rate);
}

function checkKey(key: string | undefined): void {
  if (key === undefined || key === "") {
    throw new Refusal(401, "You didn't provide an API key.");
  }
  if (key.startsWith(INVALID_KEY)) {
    throw new Refusal(401, "Incorrect API key provided.");
  }
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (cause) {
    throw new Refusal(400, `We could not parse the JSON body of your request: ${String(cause)}`);
  }
}

function toRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) {
    return error;
  }
  if (error instanceof ScriptError) {
    return new Refusal(400, `simulator script: ${error.message}`, { code: "simulator_script" });
  }
  return new Refusal(500, `simulator fault: ${String(error)}`);
}
