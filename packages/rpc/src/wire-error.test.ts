import { AppError, codes, type ErrorCode } from "@fairlead/errors";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { errorDetail } from "./error-detail.ts";
import { fromGrpcError, toGrpcError } from "./grpc/status.ts";
import { decodeError, encodeError } from "./wire-error.ts";

const anyError = fc
  .record({
    code: fc.constantFrom(...(Object.keys(codes) as ErrorCode[])),
    message: fc.string({ unit: "binary", maxLength: 200 }),
    param: fc.option(fc.string(), { nil: undefined }),
    metadata: fc.option(
      fc.dictionary(fc.string(), fc.jsonValue()).map((entries) => ({ ...entries })),
      { nil: undefined },
    ),
    retryAfterMs: fc.option(fc.nat(), { nil: undefined }),
  })
  .map(({ code, message, param, metadata, retryAfterMs }) => {
    const options = { param, metadata, retryAfterMs };
    const given = Object.entries(options).filter(([, value]) => value !== undefined);
    return new AppError(code, message, Object.fromEntries(given));
  });

function facts({ code, message, param, metadata, retryAfterMs }: AppError) {
  return { code, message, param, metadata: JSON.stringify(metadata), retryAfterMs };
}

describe("an AppError on the wire", () => {
  it("arrives the same, whatever is in it", () => {
    fc.assert(
      fc.property(anyError, fc.uint8Array({ maxLength: 100 }), (error, detail) => {
        const wire = encodeError(error, detail);
        const decoded = decodeError(wire.error, wire.detail);
        expect(decoded && facts(decoded)).toEqual(facts(error));
        expect(decoded && errorDetail(decoded)).toEqual(detail);
        expect(wire.message.isWellFormed()).toBe(true);
        expect(wire.status).toBe(codes[error.code].grpc);
      }),
    );
  });

  it("arrives the same through the metadata of grpc-js", () => {
    fc.assert(
      fc.property(anyError, (error) => {
        const status = Object.assign(new Error("x"), toGrpcError(error));
        expect(facts(fromGrpcError(status))).toEqual(facts(error));
      }),
    );
  });

  it("loses its metadata rather than the code when it is too large or no JSON", () => {
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    for (const metadata of [cycle, { text: "x".repeat(100_000) }]) {
      const wire = encodeError(new AppError("conflict", "Taken.", { metadata, retryAfterMs: 7 }));
      expect(wire.error.length).toBeLessThan(17_000);
      const decoded = decodeError(wire.error, undefined);
      expect(decoded && facts(decoded)).toEqual(
        facts(new AppError("conflict", "Taken.", { retryAfterMs: 7 })),
      );
    }
    const long = encodeError(new AppError("conflict", "\u{1f600}".repeat(50_000)));
    expect(long.error.length).toBeLessThan(17_000);
  });

  it("is not read from bytes that are none", () => {
    for (const text of ["", "{", "null", "[]", '{"code":"no_such","message":"m"}']) {
      expect(decodeError(Buffer.from(text), undefined)).toBeUndefined();
    }
  });
});
