import type { ChatRequest } from "@fairlead/openai";
import type { ProviderRequest, Target } from "../provider.ts";
import { DroppedParameters } from "../shared/dropped-parameters.ts";
import { staysHere } from "../shared/gateway-fields.ts";
import { chooseMaxTokens } from "../shared/max-tokens.ts";
import { convertMessages } from "./messages.ts";
import { convertThinking, isLevelModel } from "./thinking.ts";
import { convertTools, convertToolChoice } from "./tools.ts";

type Body = Record<string, unknown>;

/** Our names of the parameters that only change their name. */
const renamed: Readonly<Record<string, string>> = {
  temperature: "temperature",
  top_p: "topP",
  top_k: "topK",
  n: "candidateCount",
  presence_penalty: "presencePenalty",
  frequency_penalty: "frequencyPenalty",
  seed: "seed",
};

/** Handled by functions of their own. */
const handled: ReadonlySet<string> = new Set([
  "stop",
  "tools",
  "tool_choice",
  "response_format",
  "modalities",
]);

/**
 * Gemini's own parameters, passed on as they are. `cachedContent` is not among them: it names a
 * resource of the credential's owner, who serves other customers too.
 */
const native: ReadonlySet<string> = new Set(["safetySettings"]);

export function convertRequest(chat: ChatRequest, target: Target): ProviderRequest {
  const dropped = new DroppedParameters(target.unsupportedParameters);
  const needsSignatures = isLevelModel(target.upstreamModel);
  const { system, contents } = convertMessages(chat.messages, needsSignatures);
  const body: Body = { contents };
  if (system.length > 0) {
    body.systemInstruction = { parts: system };
  }
  const generationConfig: Body = {};
  copyParameters(chat, body, generationConfig, dropped);
  const maxTokens = chooseMaxTokens(chat, target);
  if (maxTokens > 0) {
    generationConfig.maxOutputTokens = maxTokens;
  }
  if (chat.stop !== undefined && !dropped.drops("stop")) {
    generationConfig.stopSequences = typeof chat.stop === "string" ? [chat.stop] : chat.stop;
  }
  setTools(chat, body, dropped);
  setFormat(chat, generationConfig, dropped);
  if (chat.modalities !== undefined && !dropped.drops("modalities")) {
    generationConfig.responseModalities = chat.modalities.map((name) => name.toUpperCase());
  }
  const thinkingConfig = convertThinking(chat, target, maxTokens, dropped);
  if (thinkingConfig !== undefined) {
    generationConfig.thinkingConfig = thinkingConfig;
  }
  if (Object.keys(generationConfig).length > 0) {
    body.generationConfig = generationConfig;
  }
  const method = target.isStream ? "streamGenerateContent?alt=sse" : "generateContent";
  return {
    method: "POST",
    path: `/models/${encodeURIComponent(target.upstreamModel)}:${method}`,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    droppedParameters: dropped.names,
  };
}

function copyParameters(
  chat: ChatRequest,
  body: Body,
  generationConfig: Body,
  dropped: DroppedParameters,
): void {
  for (const name of Object.keys(chat)) {
    const value = chat[name];
    if (value === undefined || staysHere(name, value, dropped) || handled.has(name)) {
      continue;
    }
    if (Object.hasOwn(renamed, name)) {
      if (!dropped.drops(name)) {
        generationConfig[renamed[name] ?? name] = value;
      }
    } else if (native.has(name)) {
      body[name] = value;
    } else if (name !== "parallel_tool_calls" || value === false) {
      dropped.add(name);
    }
  }
}

function setTools(chat: ChatRequest, body: Body, dropped: DroppedParameters): void {
  if (chat.tools === undefined || chat.tools.length === 0 || dropped.drops("tools")) {
    return;
  }
  body.tools = convertTools(chat.tools);
  if (chat.tool_choice !== undefined && !dropped.drops("tool_choice")) {
    body.toolConfig = convertToolChoice(chat.tool_choice);
  }
}

function setFormat(chat: ChatRequest, generationConfig: Body, dropped: DroppedParameters): void {
  const format = chat.response_format;
  if (format === undefined || format.type === "text") {
    return;
  }
  if (
    dropped.isUnsupported("response_format") ||
    format.type === "grammar" ||
    format.type === "python"
  ) {
    dropped.add("response_format");
    return;
  }
  generationConfig.responseMimeType = "application/json";
  if (format.type === "json_schema" && format.json_schema.schema !== undefined) {
    if (!dropped.drops("structured_outputs")) {
      generationConfig.responseJsonSchema = format.json_schema.schema;
    }
  }
}
