import { Buffer } from "node:buffer";

/** The only ids that the API takes. */
const taken = /^[a-zA-Z0-9_-]+$/;
const prefix = "b64_";

/**
 * A tool call's id as the API takes it. Ids of calls that other models made (`functions.f:0`) are
 * encoded, and so are those that look encoded, so that no two become the same.
 */
export function toToolId(id: string): string {
  return taken.test(id) && !id.startsWith(prefix)
    ? id
    : prefix + Buffer.from(id, "utf8").toString("base64url");
}
