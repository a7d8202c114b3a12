import { AppError } from "@fairlead/errors";
import type { ChatRequest, FunctionTool, Tool, ToolChoice } from "@fairlead/openai";

type Fields = Readonly<Record<string, unknown>>;

export function convertTools(tools: readonly Tool[]): Fields[] {
  return tools.map((tool, index) => {
    if (tool.type === "function") {
      return convertFunction(tool as FunctionTool);
    }
    if (tool.type.startsWith("openrouter:") || tool.type === "custom") {
      const param = `tools[${index}].type`;
      throw new AppError(
        "invalid_request",
        `${param}: ${tool.type.slice(0, 64)} cannot run on this endpoint. Remove it or choose another provider.`,
        { param },
      );
    }
    // Anthropic's own server tools, such as web_search_20250305.
    return tool as Fields;
  });
}

function convertFunction(tool: FunctionTool): Fields {
  const { name, description, parameters, strict } = tool.function;
  return {
    name,
    ...(description ? { description } : {}),
    input_schema: { type: "object", ...(parameters ?? { properties: {} }) },
    ...(strict === true ? { strict: true } : {}),
    ...(tool.cache_control ? { cache_control: tool.cache_control } : {}),
  };
}

/** Undefined when Anthropic's default, `auto` with parallel calls, is what is asked for. */
export function convertToolChoice(chat: ChatRequest): Fields | undefined {
  const isSerial = chat.parallel_tool_calls === false;
  const choice = chat.tool_choice ?? "auto";
  if (choice === "none") {
    return { type: "none" };
  }
  const converted = convertChoice(choice);
  if (converted.type === "auto" && !isSerial && chat.tool_choice === undefined) {
    return undefined;
  }
  return isSerial ? { ...converted, disable_parallel_tool_use: true } : converted;
}

function convertChoice(choice: Exclude<ToolChoice, "none">): Fields {
  if (choice === "auto") {
    return { type: "auto" };
  }
  return choice === "required" ? { type: "any" } : { type: "tool", name: choice.function?.name };
}
