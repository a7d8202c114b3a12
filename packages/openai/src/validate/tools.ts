import { validateCacheControl } from "./content.ts";
import {
  describe,
  invalid,
  isObject,
  type JsonObject,
  requireArray,
  requireObject,
  requireText,
} from "./require.ts";

/** Providers differ (64 at OpenAI, 128 at Anthropic and Google); theirs is the last word. */
const nameLengthMax = 256;

export function validateTools(value: unknown, countMax: number): void {
  const tools = requireArray(value, "tools", countMax);
  for (let index = 0; index < tools.length; index += 1) {
    const tool = requireObject(tools[index], `tools[${index}]`);
    requireText(tool.type, `tools[${index}].type`, nameLengthMax);
    validateCacheControl(tool, `tools[${index}]`);
    if (tool.type === "function") {
      validateFunction(tool, `tools[${index}].function`);
    }
  }
}

function validateFunction(tool: JsonObject, param: string): void {
  const definition = requireObject(tool.function, param);
  requireText(definition.name, `${param}.name`, nameLengthMax);
  for (const field of ["description", "parameters", "strict"] as const) {
    if (definition[field] === null) {
      definition[field] = undefined;
    }
  }
  const { description, parameters, strict } = definition;
  if (description !== undefined && typeof description !== "string") {
    throw invalid(`${param}.description`, `must be a string, not ${describe(description)}.`);
  }
  if (parameters !== undefined && !isObject(parameters)) {
    throw invalid(`${param}.parameters`, "must be a JSON Schema object.");
  }
  if (strict !== undefined && typeof strict !== "boolean") {
    throw invalid(`${param}.strict`, `must be true or false, not ${describe(strict)}.`);
  }
}

/** Runs after `validateTools`: a choice must be one that the tools allow. */
export function validateToolChoice(choice: unknown, tools: unknown): void {
  if (choice === "none" || choice === "auto") {
    return;
  }
  const hasTools = Array.isArray(tools) && tools.length > 0;
  if (choice === "required") {
    if (!hasTools) {
      throw invalid("tool_choice", 'is "required", but there are no tools.');
    }
    return;
  }
  if (!isObject(choice) || typeof choice.type !== "string") {
    throw invalid(
      "tool_choice",
      'must be "none", "auto", "required" or {"type":"function","function":{"name":…}}.',
    );
  }
  if (choice.type !== "function") {
    return;
  }
  const definition = requireObject(choice.function, "tool_choice.function");
  const name = requireText(definition.name, "tool_choice.function.name", nameLengthMax);
  if (!hasTools || !tools.some((tool) => isNamed(tool, name))) {
    throw invalid("tool_choice.function.name", "names a function that is not among the tools.");
  }
}

function isNamed(tool: unknown, name: string): boolean {
  return isObject(tool) && isObject(tool.function) && tool.function.name === name;
}
