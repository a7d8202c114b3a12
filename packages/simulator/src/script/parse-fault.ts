import { parseInteger } from "./parse-number.ts";
import type { Fault } from "./script.ts";
import { ScriptError } from "./script-error.ts";

const EVENTS_MAX = 1_000_000;
const BYTES_MAX = 64 * 1024 * 1024;

/** `kind` or `kind:argument`: `refuse`, `status:503`, `stall:5`, `cut:120`. */
export function parseFault(text: string): Fault | undefined {
  const colon = text.indexOf(":");
  const kind = colon === -1 ? text : text.slice(0, colon);
  const argument = colon === -1 ? undefined : text.slice(colon + 1);
  switch (kind) {
    case "none":
      return undefined;
    case "status":
      return { kind, status: parseInteger("fault=status", argument ?? "500", 400, 599) };
    case "refuse":
    case "reset":
    case "hang":
    case "empty":
    case "garbage":
    case "role_only":
    case "error_first":
    case "no_usage":
    case "no_end":
    case "endless":
      return { kind };
    case "stall":
    case "malformed":
    case "error_after":
      return { kind, after: parseInteger(`fault=${kind}`, argument ?? "1", 0, EVENTS_MAX) };
    case "cut":
      return { kind, byte: parseInteger("fault=cut", argument ?? "100", 0, BYTES_MAX) };
    case "huge_header":
      return { kind, bytes: parseInteger("fault=huge_header", argument ?? "32768", 1, BYTES_MAX) };
    case "huge_line":
      return { kind, bytes: parseInteger("fault=huge_line", argument ?? "2097152", 1, BYTES_MAX) };
    default:
      throw new ScriptError(`unknown fault "${kind}"`);
  }
}
