import { describe, expect, it } from "vitest";
import { judgeRefusal } from "./fault.ts";
import { readDuration, readRetryAfter } from "./retry-after.ts";

const refuse = (httpStatus: number, message: string, providerCode = "") =>
  judgeRefusal({ httpStatus, message, providerCode });

describe("judgeRefusal", () => {
  it.each([
    // another endpoint may have more room or more skills
    [
      400,
      "This model's maximum context length is 8192 tokens.",
      "",
      "context_length_exceeded",
      true,
    ],
    [
      400,
      "prompt is too long: 210000 tokens > 200000 maximum",
      "",
      "context_length_exceeded",
      true,
    ],
    [400, "x", "context_length_exceeded", "context_length_exceeded", true],
    [400, "Unsupported parameter: 'temperature'", "", "invalid_request", true],
    [422, "Extra inputs are not permitted", "", "unprocessable", true],
    // the client's mistakes stay its own
    [400, "messages.0.role: bad value", "", "invalid_request", false],
    [400, "Your request was rejected by our content policy", "", "content_policy_violation", false],
    [403, "flagged by moderation", "", "content_policy_violation", false],
  ])("%d %s → %s", (status, message, providerCode, code, isRetryable) => {
    expect(refuse(status, message, providerCode)).toMatchObject({
      code,
      isRetryable,
      isEndpointFault: false,
    });
  });

  it.each([
    [400, "Your credit balance is too low to access the API.", ""],
    [429, "You exceeded your current quota, please check your plan.", "insufficient_quota"],
    [403, "Country not supported", ""],
    [404, "model not found", "model_not_found"],
  ])("blames the endpoint for %d %s", (status, message, providerCode) => {
    const fault = refuse(status, message, providerCode);
    expect(fault).toMatchObject({ code: "provider_unavailable", isEndpointFault: true });
    expect(fault.message).not.toContain(message);
  });

  it("bounds a provider's words and hides what looks like a key", () => {
    const { message } = refuse(400, `bad\nvalue sk-proj-${"a1B2".repeat(8)} ${"x".repeat(5_000)}`);
    expect(message).toMatch(/^bad value \[redacted\] x+$/);
    expect(message.length).toBeLessThanOrEqual(1_000);
  });
});

describe("readRetryAfter", () => {
  it.each([
    [{}, 0],
    [{ "retry-after": "2" }, 2_000],
    [{ "retry-after": "0.2" }, 200],
    [{ "retry-after": ["3"] }, 3_000],
    [{ "retry-after-ms": "150", "retry-after": "2" }, 150],
    [{ "retry-after": "99999999" }, 86_400_000],
    [{ "retry-after": "-5" }, 0],
    [{ "retry-after": "soon" }, 0],
    [
      {
        "retry-after": "Sat, 21 Nov 2026 10:00:30 GMT",
        date: "Sat, 21 Nov 2026 10:00:00 GMT",
      },
      30_000,
    ],
    [{ "retry-after": "Sat, 21 Nov 2026 10:00:30 GMT" }, 0],
  ])("%j → %d ms", (headers, expected) => {
    expect(readRetryAfter(headers)).toBe(expected);
  });

  it("reads protobuf durations", () => {
    expect(readDuration("34.4s")).toBe(34_400);
    expect(readDuration("34")).toBe(0);
    expect(readDuration({})).toBe(0);
  });
});
