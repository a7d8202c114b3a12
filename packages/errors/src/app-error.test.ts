import { describe, expect, it } from "vitest";
import { AppError } from "./app-error.ts";
import { codes, isErrorCode } from "./codes.ts";

describe("AppError", () => {
  it("hides the message of what is not ours and keeps it as the cause", () => {
    const cause = new Error("password=hunter2");
    const error = AppError.from(cause);
    expect(error.code).toBe("internal");
    expect(error.message).not.toContain("hunter2");
    expect(error.cause).toBe(cause);
  });

  it("passes an AppError through unchanged", () => {
    const error = new AppError("payment_required", "Add credits.", { param: "model" });
    expect(AppError.from(error)).toBe(error);
    expect(error.httpStatus).toBe(402);
    expect(error.isRetryable).toBe(false);
  });
});

describe("codes", () => {
  it("gives every code a client or server HTTP status and a non-OK gRPC status", () => {
    for (const facts of Object.values(codes)) {
      expect(facts.http).toBeGreaterThanOrEqual(400);
      expect(facts.http).toBeLessThan(600);
      expect(facts.grpc).toBeGreaterThan(0);
      expect(facts.grpc).toBeLessThanOrEqual(16);
    }
  });

  it("does not take inherited names for codes", () => {
    expect(isErrorCode("toString")).toBe(false);
    expect(isErrorCode("timeout")).toBe(true);
  });
});
