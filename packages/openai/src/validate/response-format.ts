import {
  describe,
  invalid,
  isObject,
  requireObject,
  requireOneOf,
  requireString,
} from "./require.ts";

const types: ReadonlySet<string> = new Set([
  "text",
  "json_object",
  "json_schema",
  "grammar",
  "python",
]);

export function validateResponseFormat(value: unknown): void {
  const format = requireObject(value, "response_format");
  requireOneOf(format.type, "response_format.type", types);
  if (format.type === "grammar") {
    requireString(format.grammar, "response_format.grammar", 1_000_000);
  }
  if (format.type !== "json_schema") {
    return;
  }
  const wrapper = requireObject(format.json_schema, "response_format.json_schema");
  for (const field of ["name", "description", "strict", "schema"] as const) {
    if (wrapper[field] === null) {
      wrapper[field] = undefined;
    }
  }
  if (wrapper.name !== undefined) {
    requireString(wrapper.name, "response_format.json_schema.name", 256);
  }
  if (wrapper.schema !== undefined && !isObject(wrapper.schema)) {
    throw invalid(
      "response_format.json_schema.schema",
      `must be a JSON Schema object, not ${describe(wrapper.schema)}.`,
    );
  }
}
