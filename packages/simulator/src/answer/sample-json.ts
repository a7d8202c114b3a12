const DEPTH_MAX = 12;

/** A value that satisfies the common part of JSON Schema: the same for the same schema. */
export function sampleJson(schema: unknown, depth = 0): unknown {
  if (typeof schema !== "object" || schema === null || depth > DEPTH_MAX) {
    return null;
  }
  const node = schema as Readonly<Record<string, unknown>>;
  if ("const" in node) {
    return node.const;
  }
  if (Array.isArray(node.enum) && node.enum.length > 0) {
    return node.enum[0];
  }
  const branches = node.anyOf ?? node.oneOf ?? node.allOf;
  if (Array.isArray(branches) && branches.length > 0) {
    return sampleJson(branches[0], depth + 1);
  }
  const type = Array.isArray(node.type) ? node.type[0] : node.type;
  // Gemini writes its types in capitals.
  switch (typeof type === "string" ? type.toLowerCase() : typeOf(node)) {
    case "object":
      return sampleObject(node, depth);
    case "array":
      return sampleArray(node, depth);
    case "string":
      return "sample".padEnd(Number(node.minLength ?? 0), "x");
    case "integer":
    case "number":
      return Number(node.minimum ?? 42);
    case "boolean":
      return true;
    default:
      return null;
  }
}

function typeOf(node: Readonly<Record<string, unknown>>): string {
  if ("properties" in node) {
    return "object";
  }
  return "items" in node ? "array" : "null";
}

function sampleObject(node: Readonly<Record<string, unknown>>, depth: number): unknown {
  const properties = (node.properties ?? {}) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, sampleJson(schema, depth + 1)]),
  );
}

function sampleArray(node: Readonly<Record<string, unknown>>, depth: number): unknown {
  const length = Math.min(16, Math.max(1, Number(node.minItems ?? 1)));
  return Array.from({ length }, () => sampleJson(node.items, depth + 1));
}
