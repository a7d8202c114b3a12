import type { SimulatedRequest, Tool } from "../dialect.ts";
import {
  isObject,
  type JsonObject,
  readObjects,
  readPositiveInteger,
  readString,
} from "../json.ts";
import { refuseUnknown } from "../json.ts";
import { Refusal } from "../refusal.ts";
import { requestFields } from "./fields.ts";
import { readMessages } from "./read-messages.ts";

export function readRequest(body: unknown): SimulatedRequest {
  if (!isObject(body)) {
    throw new Refusal(400, "We could not parse the JSON body of your request.");
  }
  if (typeof body.model !== "string" || body.model === "") {
    throw new Refusal(400, "you must provide a model parameter");
  }
  refuseUnknown(
    body,
    requestFields,
    (field) =>
      new Refusal(400, `Unknown parameter: '${field}'.`, {
        param: field,
        code: "unknown_parameter",
      }),
  );
  checkRange(body, "temperature", 0, 2);
  checkRange(body, "top_p", 0, 1);
  const isStream = readFlag(body, "stream");
  if (isObject(body.stream_options) && !isStream) {
    throw new Refusal(
      400,
      "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
      { param: "stream_options" },
    );
  }
  const { characters, lastUserText } = readMessages(body.messages);
  const tools = readTools(body);
  return {
    model: body.model,
    isStream,
    maxTokens:
      readPositiveInteger(body.max_completion_tokens, "max_completion_tokens") ??
      readPositiveInteger(body.max_tokens, "max_tokens"),
    promptCharacters: characters,
    lastUserText,
    tools,
    forcedTool: readForcedTool(body, tools),
    jsonSchema: readSchema(body.response_format),
    wantsStreamUsage: isObject(body.stream_options) && body.stream_options.include_usage === true,
  };
}

function readFlag(body: JsonObject, param: string): boolean {
  const value = body[param];
  if (value !== undefined && value !== null && typeof value !== "boolean") {
    throw new Refusal(400, `Invalid type for '${param}': expected a boolean.`, {
      param,
      code: "invalid_type",
    });
  }
  return value === true;
}

function checkRange(body: JsonObject, param: string, minimum: number, maximum: number): void {
  const value = body[param];
  if (value === undefined || value === null) {
    return;
  }
  if (typeof value !== "number" || value < minimum || value > maximum) {
    throw new Refusal(400, `Invalid '${param}': expected a number from ${minimum} to ${maximum}.`, {
      param,
      code: "invalid_value",
    });
  }
}

function readTools(body: JsonObject): readonly Tool[] {
  return readObjects(body.tools, "tools").map((tool, index) => {
    const definition = tool.function;
    if (tool.type !== "function" || !isObject(definition) || readString(definition.name) === "") {
      throw new Refusal(400, `Missing required parameter: 'tools[${index}].function.name'.`, {
        param: `tools[${index}].function`,
        code: "missing_required_parameter",
      });
    }
    return { name: readString(definition.name), schema: definition.parameters };
  });
}

function readForcedTool(body: JsonObject, tools: readonly Tool[]): string | true | undefined {
  const choice = body.tool_choice;
  if (choice === undefined || choice === null) {
    return undefined;
  }
  if (tools.length === 0) {
    throw new Refusal(
      400,
      "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.",
      { param: "tool_choice" },
    );
  }
  if (isObject(choice) && isObject(choice.function)) {
    const name = readString(choice.function.name);
    if (!tools.some((tool) => tool.name === name)) {
      throw new Refusal(400, `Tool choice '${name}' not found in 'tools' parameter.`, {
        param: "tool_choice",
      });
    }
    return name;
  }
  return choice === "required" ? true : undefined;
}

function readSchema(format: unknown): unknown {
  if (!isObject(format) || format.type === "text") {
    return undefined;
  }
  if (format.type === "json_object") {
    return {};
  }
  const schema = format.json_schema;
  if (format.type !== "json_schema" || !isObject(schema) || readString(schema.name) === "") {
    throw new Refusal(400, "Missing required parameter: 'response_format.json_schema.name'.", {
      param: "response_format",
      code: "missing_required_parameter",
    });
  }
  return schema.schema ?? {};
}
