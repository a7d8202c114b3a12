import { readObject } from "../shared/read.ts";

/**
 * A JSON Schema as structured outputs require it: every object closed. Depth is bounded by the
 * request's own limit.
 */
export function closeObjects(schema: unknown): unknown {
  if (Array.isArray(schema)) {
    return schema.map(closeObjects);
  }
  const fields = readObject(schema);
  if (fields === undefined) {
    return schema;
  }
  const closed: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) {
    Object.defineProperty(closed, key, {
      value: key === "enum" || key === "const" ? value : closeObjects(value),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  if (fields.type === "object" && fields.additionalProperties === undefined) {
    closed.additionalProperties = false;
  }
  return closed;
}
