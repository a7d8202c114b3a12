import { describe, expect, it } from "vitest";
import { toConnectionFault } from "./connection-fault.ts";

function createError(code: string): Error {
  return Object.assign(new Error("connect 10.0.0.7:443"), { code });
}

describe("toConnectionFault", () => {
  it.each([
    ["ECONNREFUSED", 0, "provider_unavailable"],
    ["ENOTFOUND", 0, "provider_unavailable"],
    ["CERT_HAS_EXPIRED", 0, "provider_unavailable"],
    ["ECONNRESET", 0, "provider_unavailable"],
    ["UND_ERR_SOCKET", 200, "provider_unavailable"],
    ["HPE_INVALID_CONSTANT", 0, "provider_unavailable"],
    ["UND_ERR_HEADERS_OVERFLOW", 0, "provider_unavailable"],
    ["UND_ERR_CONNECT_TIMEOUT", 0, "provider_timeout"],
  ])("%s with status %i is %s, on another endpoint it may work", (code, status, expected) => {
    const fault = toConnectionFault(createError(code), status);
    expect(fault).toMatchObject({
      code: expected,
      httpStatus: status,
      isRetryable: true,
      isEndpointFault: true,
    });
    expect(fault.message).not.toContain("10.0.0.7");
  });

  it("finds the code among the causes", () => {
    const wrapped = new Error("failed", {
      cause: new AggregateError([createError("ECONNREFUSED")]),
    });
    expect(toConnectionFault(wrapped, 0).providerCode).toBe("ECONNREFUSED");
  });
});
