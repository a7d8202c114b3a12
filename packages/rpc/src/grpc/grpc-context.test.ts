import { EventEmitter } from "node:events";
import type { AppError } from "@fairlead/errors";
import type { ServerUnaryCall } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { GrpcContext } from "./grpc-context.ts";

/** A call of grpc-js that expires so long from now; "cancelled" is all that it says of any end. */
function openCall(leftMs: number) {
  const getDeadline = () => new Date(Date.now() + leftMs);
  const call = Object.assign(new EventEmitter(), { getDeadline });
  const context = new GrpcContext(call as unknown as ServerUnaryCall<Buffer, Buffer>);
  return { call, context };
}

describe("GrpcContext", () => {
  it.each([
    [-1, "timeout"],
    [60_000, "cancelled"],
  ])("of a call with %i ms left ends with %s", (leftMs, code) => {
    const { call, context } = openCall(leftMs);
    const { signal } = context;
    expect(signal.aborted).toBe(false);
    call.emit("cancelled");
    expect((signal.reason as AppError).code).toBe(code);
    expect(context.cancelReason?.code).toBe(code);
  });

  it("does not end with what comes after the answer", () => {
    const { call, context } = openCall(-1);
    context.finish();
    call.emit("cancelled");
    expect(context.signal.aborted).toBe(false);
    expect(context.cancelReason).toBeUndefined();
  });
});
