import { AppError } from "@fairlead/errors";
import type { ChatRequest } from "@fairlead/openai";
import type { ProviderRequest, Target } from "../provider.ts";
import { DroppedParameters } from "../shared/dropped-parameters.ts";
import { hashEndUser } from "../shared/end-user.ts";
import { staysHere } from "../shared/gateway-fields.ts";
import { chooseMaxTokens } from "../shared/max-tokens.ts";
import { convertMessages } from "./messages.ts";
import { type ModelTraits, readTraits } from "./model-traits.ts";
import { convertReasoning } from "./reasoning.ts";
import { closeObjects } from "./schema.ts";
import { convertTools, convertToolChoice } from "./tools.ts";

type Body = Record<string, unknown>;

/** When neither the client nor the catalog knows a limit; the dialect requires one. */
const defaultMaxTokens = 4_096;

/** Fields of the chat request that have a place in this dialect and are handled below. */
const handled: ReadonlySet<string> = new Set([
  "temperature",
  "top_p",
  "top_k",
  "stop",
  "tools",
  "tool_choice",
  "parallel_tool_calls",
  "response_format",
  "service_tier",
  "n",
]);

/**
 * Anthropic's own parameters, passed on as they are. `container` is not among them: it names a
 * resource of the credential's owner, who serves other customers too.
 */
const native: ReadonlySet<string> = new Set([
  "thinking",
  "context_management",
  "inference_geo",
  "speed",
]);

export function convertRequest(chat: ChatRequest, target: Target): ProviderRequest {
  const dropped = new DroppedParameters(target.unsupportedParameters);
  if (chat.n !== undefined && chat.n > 1) {
    throw new AppError(
      "invalid_request",
      "n: this endpoint gives one answer a request. Send n as 1 or choose another model.",
      { param: "n" },
    );
  }
  const { system, messages, lacksThinking } = convertMessages(chat.messages);
  const maxTokens = chooseMaxTokens(chat, target) || target.maxCompletionTokens || defaultMaxTokens;
  const body: Body = { model: target.upstreamModel, max_tokens: maxTokens, messages };
  if (system.length > 0) {
    body.system = system;
  }
  const traits = readTraits(target.upstreamModel);
  copyNative(chat, body, dropped);
  const isForced = setTools(chat, traits, body, dropped);
  const missing = lacksThinking ? "lost thoughts" : undefined;
  const obstacle = isForced ? "forced tool" : missing;
  const thinking = convertReasoning(chat, target, traits, maxTokens, obstacle, dropped);
  if (thinking.thinking !== undefined) {
    body.thinking = thinking.thinking;
  }
  setOutputConfig(chat, body, thinking.effort, dropped);
  setSampling(chat, traits, body, isThinking(thinking.thinking), dropped);
  setStop(chat, body, dropped);
  setIdentity(chat, target, body, dropped);
  if (target.isStream) {
    body.stream = true;
  }
  return {
    method: "POST",
    path: "/messages",
    headers: { "content-type": "application/json", ...betaHeader(chat) },
    body: JSON.stringify(body),
    droppedParameters: dropped.names,
  };
}

function isThinking(thinking: Readonly<Record<string, unknown>> | undefined): boolean {
  return thinking !== undefined && thinking.type !== "disabled";
}

function copyNative(chat: ChatRequest, body: Body, dropped: DroppedParameters): void {
  for (const name of Object.keys(chat)) {
    if (chat[name] === undefined || staysHere(name, chat[name], dropped) || handled.has(name)) {
      continue;
    }
    if (native.has(name) && !dropped.drops(name)) {
      body[name] = chat[name];
    } else {
      dropped.add(name);
    }
  }
  if (chat.cache_control !== undefined) {
    body.cache_control = chat.cache_control;
  }
}

/** Returns whether the model must call a tool. One that cannot be made to has the choice. */
function setTools(
  chat: ChatRequest,
  { takesForcedTool }: ModelTraits,
  body: Body,
  dropped: DroppedParameters,
): boolean {
  if (chat.tools === undefined || chat.tools.length === 0 || dropped.drops("tools")) {
    return false;
  }
  body.tools = convertTools(chat.tools);
  const choice = convertToolChoice(chat);
  if (choice === undefined) {
    return false;
  }
  const isForced = choice.type === "any" || choice.type === "tool";
  if (isForced && !takesForcedTool) {
    const { name: _name, ...rest } = choice;
    body.tool_choice = { ...rest, type: "auto" };
    dropped.add("tool_choice");
    return false;
  }
  body.tool_choice = choice;
  return isForced;
}

/**
 * Structured output by the native format rather than by a forced tool: it goes together with
 * thinking and with real tools, and the answer streams as text. The dialect has no schema-less JSON
 * mode, so that is reported as dropped.
 */
function setOutputConfig(
  chat: ChatRequest,
  body: Body,
  effort: string | undefined,
  dropped: DroppedParameters,
): void {
  const config: Body = effort === undefined ? {} : { effort };
  const format = chat.response_format;
  if (format !== undefined && format.type !== "text") {
    const schema = format.type === "json_schema" ? format.json_schema.schema : undefined;
    if (schema === undefined || dropped.isUnsupported("response_format")) {
      dropped.add("response_format");
    } else if (!dropped.drops("structured_outputs")) {
      config.format = { type: "json_schema", schema: closeObjects(schema) };
    }
  }
  if (Object.keys(config).length > 0) {
    body.output_config = config;
  }
}

function setSampling(
  chat: ChatRequest,
  { hasFixedSampling }: ModelTraits,
  body: Body,
  isThinkingOn: boolean,
  dropped: DroppedParameters,
): void {
  const { temperature, top_p: topP, top_k: topK } = chat;
  if (hasFixedSampling) {
    reportSampling(chat, dropped);
    return;
  }
  // With thinking the dialect fixes sampling.
  if (temperature !== undefined && !dropped.drops("temperature")) {
    if (isThinkingOn && temperature !== 1) {
      dropped.add("temperature");
    } else if (!isThinkingOn) {
      body.temperature = Math.min(temperature, 1);
      if (temperature > 1) {
        dropped.add("temperature");
      }
    }
  }
  if (topP !== undefined && !dropped.drops("top_p")) {
    // Newer models refuse both at once; temperature is the one that people mean.
    if (body.temperature !== undefined || (isThinkingOn && topP < 0.95)) {
      dropped.add("top_p");
    } else {
      body.top_p = topP;
    }
  }
  if (topK !== undefined && !dropped.drops("top_k")) {
    if (isThinkingOn) {
      dropped.add("top_k");
    } else {
      body.top_k = topK;
    }
  }
}

/** What asks for the default is no loss. */
function reportSampling(chat: ChatRequest, dropped: DroppedParameters): void {
  const defaults = { temperature: 1, top_p: 1, top_k: 0 } as const;
  for (const [name, value] of Object.entries(defaults)) {
    if (chat[name] !== undefined && chat[name] !== value) {
      dropped.add(name);
    }
  }
}

/** Stops of white space only are refused by the dialect. */
function setStop(chat: ChatRequest, body: Body, dropped: DroppedParameters): void {
  if (chat.stop === undefined || dropped.drops("stop")) {
    return;
  }
  const stops = typeof chat.stop === "string" ? [chat.stop] : chat.stop;
  const usable = stops.filter((stop) => stop.trim() !== "");
  if (usable.length < stops.length) {
    dropped.add("stop");
  }
  if (usable.length > 0) {
    body.stop_sequences = usable;
  }
}

function setIdentity(
  chat: ChatRequest,
  target: Target,
  body: Body,
  dropped: DroppedParameters,
): void {
  if (chat.user !== undefined) {
    body.metadata = { user_id: hashEndUser(chat.user, target.provider) };
  }
  if (chat.service_tier === "auto" || chat.service_tier === "default") {
    body.service_tier = chat.service_tier === "auto" ? "auto" : "standard_only";
  } else if (chat.service_tier !== undefined) {
    dropped.add("service_tier");
  }
}

function betaHeader(chat: ChatRequest): Readonly<Record<string, string>> {
  const usesFileIds = chat.messages.some(
    ({ content }) =>
      Array.isArray(content) &&
      content.some((part) => part.type === "file" && typeof part.file?.file_id === "string"),
  );
  return usesFileIds ? { "anthropic-beta": "files-api-2025-04-14" } : {};
}
