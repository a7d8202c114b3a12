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
import { readContents } from "./read-contents.ts";

const METHODS: ReadonlyMap<string, boolean> = new Map([
  ["generateContent", false],
  ["streamGenerateContent", true],
]);

/** Both spellings are in use: JSON of protobuf takes either. */
const requestFields: ReadonlySet<string> = new Set([
  "contents",
  "systemInstruction",
  "system_instruction",
  "generationConfig",
  "generation_config",
  "safetySettings",
  "safety_settings",
  "tools",
  "toolConfig",
  "tool_config",
  "cachedContent",
  "cached_content",
  "labels",
  "serviceTier",
]);

/** `path` is `<model>:<method>`. */
export function readRequest(body: unknown, path: string, query: string): SimulatedRequest {
  const colon = path.lastIndexOf(":");
  const isStream = METHODS.get(path.slice(colon + 1));
  if (isStream === undefined) {
    throw new Refusal(404, `Method not found: ${path}`);
  }
  if (!isObject(body)) {
    throw new Refusal(400, "Invalid JSON payload received. Unexpected end of JSON input.");
  }
  if (isStream && !query.includes("alt=sse")) {
    throw new Refusal(400, "The simulator streams only with alt=sse.");
  }
  refuseUnknown(
    body,
    requestFields,
    (field) =>
      new Refusal(
        400,
        `Invalid JSON payload received. Unknown name "${field}": Cannot find field.`,
      ),
  );
  const config = readObject(body.generationConfig ?? body.generation_config);
  const { characters, lastUserText } = readContents(body.contents);
  const tools = readTools(body);
  return {
    model: path.slice(0, colon),
    isStream,
    maxTokens: readPositiveInteger(config.maxOutputTokens, "generation_config.max_output_tokens"),
    promptCharacters: characters + measureSystem(body.systemInstruction ?? body.system_instruction),
    lastUserText,
    tools,
    forcedTool: readForcedTool(body),
    jsonSchema: readSchema(config),
    wantsStreamUsage: true,
  };
}

function readObject(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

function measureSystem(instruction: unknown): number {
  let characters = 0;
  for (const part of readObjects(readObject(instruction).parts, "system_instruction.parts")) {
    characters += readString(part.text).length;
  }
  return characters;
}

function readTools(body: JsonObject): readonly Tool[] {
  return readObjects(body.tools, "tools").flatMap((tool, index) => {
    const declarations = tool.functionDeclarations ?? tool.function_declarations;
    return readObjects(declarations, `tools[${index}].function_declarations`).map((entry) => {
      const name = readString(entry.name);
      if (name === "") {
        throw new Refusal(
          400,
          `* GenerateContentRequest.tools[${index}].function_declarations[0].name: Invalid function name.\n`,
        );
      }
      return { name, schema: entry.parameters ?? entry.parametersJsonSchema };
    });
  });
}

function readForcedTool(body: JsonObject): string | true | undefined {
  const config = readObject(readObject(body.toolConfig ?? body.tool_config).functionCallingConfig);
  if (config.mode !== "ANY") {
    return undefined;
  }
  const names = config.allowedFunctionNames;
  return Array.isArray(names) && typeof names[0] === "string" ? names[0] : true;
}

function readSchema(config: JsonObject): unknown {
  const schema = config.responseSchema ?? config.responseJsonSchema;
  if (schema !== undefined) {
    return schema;
  }
  return config.responseMimeType === "application/json" ? {} : undefined;
}
