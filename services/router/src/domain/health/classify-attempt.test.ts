import { create } from "@bufbuild/protobuf";
import { ProviderFaultSchema } from "@fairlead/proto/adapter/v1/adapter";
import { AttemptSchema } from "@fairlead/proto/events/v1/events";
import { describe, expect, it } from "vitest";
import { classifyAttempt, classifyFault } from "./classify-attempt.ts";

describe("classifyFault", () => {
  it.each([
    [500, true, "failure"],
    [503, true, "failure"],
    [0, true, "unreachable"],
    [401, false, "failure"],
    [402, false, "failure"],
    [404, false, "failure"],
    [400, true, "neutral"],
    [413, true, "neutral"],
    [422, false, "neutral"],
    [429, true, "rate_limited"],
    [403, false, "neutral"],
    [200, true, "failure"],
  ])("status %i, endpoint's fault %s: %s", (httpStatus, isEndpointFault, kind) => {
    const fault = create(ProviderFaultSchema, { httpStatus, isEndpointFault });
    expect(classifyFault(fault).kind).toBe(kind);
  });
});

describe("classifyAttempt", () => {
  it("learns nothing from what the client cut", () => {
    const attempt = create(AttemptSchema, { isCancelled: true });
    expect(classifyAttempt(attempt).kind).toBe("neutral");
  });
});
