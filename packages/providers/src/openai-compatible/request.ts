import type { ChatRequest } from "@fairlead/openai";
import type { ProviderRequest, Target } from "../provider.ts";
import { DroppedParameters } from "../shared/dropped-parameters.ts";
import { hashEndUser } from "../shared/end-user.ts";
import { staysHere } from "../shared/gateway-fields.ts";
import { chooseMaxTokens } from "../shared/max-tokens.ts";
import { budgetToEffort, readReasoningWish } from "../shared/reasoning-request.ts";
import { convertMessages } from "./messages.ts";
import { convertTools } from "./tools.ts";
import type { OpenAiVendor } from "./vendor.ts";

type Body = Record<string, unknown>;

/** The client's body, but for what is the gateway's own and what the vendor spells otherwise. */
export function convertRequest(
  chat: ChatRequest,
  target: Target,
  vendor: OpenAiVendor,
): ProviderRequest {
  const dropped = new DroppedParameters(
    vendor.unsupported,
    vendor.unsupportedByModel?.(target.upstreamModel),
    target.unsupportedParameters,
  );
  const body: Body = {
    model: target.upstreamModel,
    messages: convertMessages(chat.messages, vendor),
  };
  copyParameters(chat, body, dropped);
  if (body.tools !== undefined && vendor.isCanonical !== true) {
    body.tools = convertTools(chat.tools ?? []);
  }
  setResponseFormat(chat, body, dropped);
  setReasoning(chat, target, vendor, body, dropped);
  const maxTokens = chooseMaxTokens(chat, target);
  if (maxTokens > 0) {
    body[vendor.maxTokensField ?? "max_tokens"] = maxTokens;
  }
  if (chat.user !== undefined) {
    body.user = hashEndUser(chat.user, target.provider);
  }
  if (target.isStream) {
    body.stream = true;
    if (vendor.asksStreamUsage !== false) {
      body.stream_options = { include_usage: true };
    }
  }
  if (vendor.isCanonical === true && chat.cache_control !== undefined) {
    body.cache_control = chat.cache_control;
  }
  Object.assign(body, vendor.extra?.(target.upstreamModel, target.isStream));
  return {
    method: "POST",
    path: "/chat/completions",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    droppedParameters: dropped.names,
  };
}

function copyParameters(chat: ChatRequest, body: Body, dropped: DroppedParameters): void {
  for (const name of Object.keys(chat)) {
    const value = chat[name];
    if (value === undefined || staysHere(name, value, dropped) || name === "__proto__") {
      continue;
    }
    if (!dropped.drops(name)) {
      body[name] = value;
    }
  }
  // An empty list is refused by most; it asks for nothing.
  if (Array.isArray(body.tools) && body.tools.length === 0) {
    body.tools = undefined;
    body.tool_choice = undefined;
    body.parallel_tool_calls = undefined;
  }
}

/** An endpoint that can do JSON but no schemas gets what it can do, and the report says so. */
function setResponseFormat(chat: ChatRequest, body: Body, dropped: DroppedParameters): void {
  if (
    chat.response_format?.type === "json_schema" &&
    body.response_format !== undefined &&
    dropped.isUnsupported("structured_outputs")
  ) {
    dropped.add("structured_outputs");
    body.response_format = { type: "json_object" };
  }
}

function setReasoning(
  chat: ChatRequest,
  target: Target,
  vendor: OpenAiVendor,
  body: Body,
  dropped: DroppedParameters,
): void {
  const wish = readReasoningWish(chat);
  if (vendor.reasoning === "object" && !dropped.isUnsupported("reasoning")) {
    for (const name of ["reasoning", "reasoning_effort", "include_reasoning"] as const) {
      if (chat[name] !== undefined) {
        body[name] = chat[name];
      }
    }
    return;
  }
  if (wish.isEnabled === undefined) {
    return;
  }
  if (dropped.isUnsupported("reasoning") || vendor.reasoning === "none") {
    if (wish.isEnabled) {
      dropped.add("reasoning");
    }
    return;
  }
  if (!wish.isEnabled) {
    // What does not reason need not be told so, and would refuse the field.
    if (target.isReasoning === true) {
      body.reasoning_effort = chooseEffort("none", target, vendor);
    }
    return;
  }
  if (wish.maxTokens !== undefined) {
    dropped.add("reasoning.max_tokens");
  }
  const effort = wish.effort ?? budgetToEffort(wish.maxTokens ?? 0);
  body.reasoning_effort = chooseEffort(effort, target, vendor);
}

function chooseEffort(effort: string, { upstreamModel }: Target, vendor: OpenAiVendor): string {
  // This one cannot stop reasoning, whoever serves it.
  const wanted = effort === "none" && upstreamModel.includes("gpt-oss") ? "low" : effort;
  return vendor.nearestEffort?.(wanted, upstreamModel) ?? wanted;
}
