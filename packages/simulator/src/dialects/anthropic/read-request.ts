import type { SimulatedRequest, Tool } from "../dialect.ts";
import {
  isObject,
  type JsonObject,
  readObjects,
  readPositiveInteger,
  readString,
  refuseUnknown,
} from "../json.ts";
import { Refusal } from "../refusal.ts";
import { readMessages } from "./read-messages.ts";

const THINKING_BUDGET_MIN = 1024;

const requestFields: ReadonlySet<string> = new Set([
  "model",
  "messages",
  "max_tokens",
  "system",
  "stream",
  "temperature",
  "top_p",
  "top_k",
  "stop_sequences",
  "tools",
  "tool_choice",
  "thinking",
  "metadata",
  "service_tier",
  "container",
  "context_management",
  "mcp_servers",
  "output_config",
  "output_format",
  "cache_control",
  "inference_geo",
]);

export function readRequest(body: unknown): SimulatedRequest {
  if (!isObject(body)) {
    throw new Refusal(400, "The request body is not valid JSON");
  }
  if (typeof body.model !== "string" || body.model === "") {
    throw new Refusal(400, "model: Field required");
  }
  refuseUnknown(
    body,
    requestFields,
    (field) => new Refusal(400, `${field}: Extra inputs are not permitted`),
  );
  const maxTokens = readPositiveInteger(body.max_tokens, "max_tokens");
  if (maxTokens === undefined) {
    throw new Refusal(400, "max_tokens: Field required");
  }
  checkSampling(body, maxTokens);
  const { characters, lastUserText } = readMessages(body.messages);
  const tools = readTools(body);
  return {
    model: body.model,
    isStream: body.stream === true,
    maxTokens,
    promptCharacters: characters + measureSystem(body.system),
    lastUserText,
    tools,
    forcedTool: readForcedTool(body, tools),
    jsonSchema: readSchema(body),
    wantsStreamUsage: true,
  };
}

function checkSampling(body: JsonObject, maxTokens: number): void {
  const { temperature, thinking } = body;
  if (temperature !== undefined && !(Number(temperature) >= 0 && Number(temperature) <= 1)) {
    throw new Refusal(400, "temperature: range: 0..1");
  }
  if (!isObject(thinking) || thinking.type !== "enabled") {
    return;
  }
  const budget = Number(thinking.budget_tokens);
  if (!(budget >= THINKING_BUDGET_MIN)) {
    throw new Refusal(
      400,
      `thinking.enabled.budget_tokens: Input should be greater than or equal to ${THINKING_BUDGET_MIN}`,
    );
  }
  if (maxTokens <= budget) {
    throw new Refusal(400, "`max_tokens` must be greater than `thinking.budget_tokens`");
  }
  if (temperature !== undefined && temperature !== 1) {
    throw new Refusal(400, "`temperature` may only be set to 1 when thinking is enabled");
  }
}

function measureSystem(system: unknown): number {
  if (typeof system === "string") {
    return system.length;
  }
  let characters = 0;
  for (const block of readObjects(system, "system")) {
    characters += readString(block.text).length;
  }
  return characters;
}

function readTools(body: JsonObject): readonly Tool[] {
  const tools: Tool[] = [];
  for (const [index, tool] of readObjects(body.tools, "tools").entries()) {
    if (readString(tool.name) === "") {
      throw new Refusal(400, `tools.${index}.name: Field required`);
    }
    // A typed tool (web_search, bash, …) is run by the provider and has no schema.
    if (tool.type === undefined || tool.type === "custom") {
      if (!isObject(tool.input_schema)) {
        throw new Refusal(400, `tools.${index}.custom.input_schema: Field required`);
      }
      tools.push({ name: readString(tool.name), schema: tool.input_schema });
    }
  }
  return tools;
}

function readForcedTool(body: JsonObject, tools: readonly Tool[]): string | true | undefined {
  const choice = body.tool_choice;
  if (choice === undefined) {
    return undefined;
  }
  if (!isObject(choice)) {
    throw new Refusal(400, "tool_choice: Input should be an object");
  }
  if (choice.type !== "none" && !Array.isArray(body.tools)) {
    throw new Refusal(400, "tool_choice may only be specified while providing tools");
  }
  if (choice.type === "tool") {
    const name = readString(choice.name);
    if (!tools.some((tool) => tool.name === name)) {
      throw new Refusal(400, `Tool '${name}' not found in provided tools`);
    }
    return name;
  }
  return choice.type === "any" ? true : undefined;
}

function readSchema(body: JsonObject): unknown {
  const config = isObject(body.output_config) ? body.output_config.format : undefined;
  const format = config ?? body.output_format;
  return isObject(format) && format.type === "json_schema" ? (format.schema ?? {}) : undefined;
}
