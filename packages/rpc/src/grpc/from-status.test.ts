import { describe, expect, it } from "vitest";
import { fromStatus } from "./from-status.ts";

describe("fromStatus", () => {
  it.each([
    [1, "Cancelled on client", "cancelled"],
    [3, "bad", "invalid_request"],
    [4, "Deadline exceeded", "timeout"],
    [5, "no such thing", "not_found"],
    [7, "certificate refused", "internal"],
    [8, "Received message larger than max (9 vs. 4)", "payload_too_large"],
    [8, "Bandwidth exhausted or memory limit exceeded", "unavailable"],
    [12, "The server does not implement the method", "internal"],
    [13, "Received RST_STREAM with code 2 (Internal server error)", "unavailable"],
    [13, "Error deserializing request", "internal"],
    [14, "connect ECONNREFUSED 10.0.0.7:50051", "unavailable"],
    [16, "token expired", "internal"],
    [99, "?", "internal"],
  ])("maps %i %s to %s and keeps the text for logs", (code, details, expected) => {
    const cause = new Error(details);
    const error = fromStatus(code, details, cause);
    expect(error.code).toBe(expected);
    expect(error.message).not.toContain(details);
    expect(error.cause).toBe(cause);
  });
});
