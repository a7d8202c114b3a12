import type { SimulatedRequest, Tool } from "../dialects/dialect.ts";
import type { Script } from "../script/script.ts";
import type { Answer, ToolCall, Unit } from "./answer.ts";
import { sampleJson } from "./sample-json.ts";
import { splitArguments, splitWords } from "./split-units.ts";
import { wordAt } from "./words.ts";

const CACHED_TOKENS_MAX = 4096;
const CACHED_ANSWERS_MAX = 256;
const REFUSAL_TEXT = "I can not help with that.";

const plainAnswers = new Map<number, Answer>();

/** The answer of a script to a request; at most `maxTokens` units, then it ends by length. */
export function composeAnswer(script: Script, request: SimulatedRequest): Answer {
  const isPlain =
    script.text === undefined &&
    !script.isEcho &&
    script.reasoning === 0 &&
    script.tools === 0 &&
    !script.isJson &&
    !script.isRefusal &&
    request.jsonSchema === undefined &&
    request.forcedTool === undefined;
  const isWhole = request.maxTokens === undefined || request.maxTokens >= script.tokens;
  // The benchmark's request: the same words each time, so they are put together once.
  if (isPlain && isWhole && script.tokens <= CACHED_TOKENS_MAX) {
    const cached = plainAnswers.get(script.tokens);
    if (cached !== undefined) {
      return cached;
    }
    const answer = compose(script, request);
    if (plainAnswers.size < CACHED_ANSWERS_MAX) {
      plainAnswers.set(script.tokens, answer);
    }
    return answer;
  }
  return compose(script, request);
}

function compose(script: Script, request: SimulatedRequest): Answer {
  const units: Unit[] = [];
  for (let index = 0; index < script.reasoning; index += 1) {
    units.push({ kind: "reasoning", text: wordAt(index), toolIndex: 0, isFirst: index === 0 });
  }
  const calls = chooseTools(script, request);
  const words = calls.length > 0 ? [] : writeWords(script, request);
  for (const [index, text] of words.entries()) {
    units.push({ kind: "text", text, toolIndex: 0, isFirst: index === 0 });
  }
  for (const [toolIndex, call] of calls.entries()) {
    for (const [index, text] of splitArguments(call.arguments).entries()) {
      units.push({ kind: "tool", text, toolIndex, isFirst: index === 0 });
    }
  }
  const limit = request.maxTokens ?? Number.POSITIVE_INFINITY;
  const isCut = units.length > limit;
  return assemble(isCut ? units.slice(0, limit) : units, calls, script, isCut);
}

function assemble(
  units: readonly Unit[],
  calls: readonly ToolCall[],
  script: Script,
  isCut: boolean,
): Answer {
  let reasoning = "";
  let text = "";
  let reasoningUnits = 0;
  const fragments: string[] = [];
  for (const unit of units) {
    if (unit.kind === "reasoning") {
      reasoning += unit.text;
      reasoningUnits += 1;
    } else if (unit.kind === "text") {
      text += unit.text;
    } else {
      fragments[unit.toolIndex] = (fragments[unit.toolIndex] ?? "") + unit.text;
    }
  }
  const tools = fragments.map((fragment, index) => ({
    name: calls[index]?.name ?? "",
    arguments: fragment,
  }));
  let finish: Answer["finish"] = tools.length > 0 ? "tools" : "stop";
  if (script.isRefusal) {
    finish = "refusal";
  }
  return { reasoning, text, tools, units, reasoningUnits, finish: isCut ? "length" : finish };
}

function writeWords(script: Script, request: SimulatedRequest): readonly string[] {
  if (script.isRefusal) {
    return splitWords(REFUSAL_TEXT);
  }
  if (script.text !== undefined) {
    return splitWords(script.text);
  }
  if (request.jsonSchema !== undefined || script.isJson) {
    const value = sampleJson(request.jsonSchema) ?? { answer: "sample" };
    return splitArguments(JSON.stringify(value));
  }
  if (script.isEcho) {
    return splitWords(request.lastUserText);
  }
  return Array.from({ length: script.tokens }, (_, index) => wordAt(index));
}

/** The calls the script wants, or the one the request demands. None without declared tools. */
function chooseTools(script: Script, request: SimulatedRequest): readonly ToolCall[] {
  const { tools, forcedTool } = request;
  if (tools.length === 0) {
    return [];
  }
  if (typeof forcedTool === "string") {
    const tool = tools.find(({ name }) => name === forcedTool);
    return tool === undefined ? [] : [callTool(tool)];
  }
  const count = Math.max(script.tools, forcedTool === true ? 1 : 0);
  return Array.from({ length: count }, (_, index) => {
    const tool = tools[index % tools.length];
    return tool === undefined ? { name: "", arguments: "{}" } : callTool(tool);
  });
}

function callTool(tool: Tool): ToolCall {
  return { name: tool.name, arguments: JSON.stringify(sampleJson(tool.schema) ?? {}) };
}
