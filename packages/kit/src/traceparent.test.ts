import { describe, expect, it } from "vitest";
import { isSampled, parseTraceparent } from "./traceparent.ts";

const trace = "0af7651916cd43dd8448eb211c80319c";
const span = "b7ad6b7169203331";

describe("parseTraceparent", () => {
  it("reads version 00", () => {
    expect(parseTraceparent(`00-${trace}-${span}-01`)).toEqual({
      traceId: trace,
      spanId: span,
      traceFlags: 1,
      isRemote: true,
    });
  });

  it.each([
    undefined,
    "",
    "00",
    `00-${"0".repeat(32)}-${span}-01`,
    `00-${trace}-${"0".repeat(16)}-01`,
    `00-${trace.toUpperCase()}-${span}-01`,
    `00-${trace}-${span}-01-extra`,
    `ff-${trace}-${span}-01`,
  ])("takes %s for no parent", (text) => {
    expect(parseTraceparent(text)).toBeUndefined();
  });
});

describe("isSampled", () => {
  it("looks at the flag alone", () => {
    expect(isSampled(`00-${trace}-${span}-01`)).toBe(true);
    expect(isSampled(`00-${trace}-${span}-00`)).toBe(false);
    expect(isSampled(undefined)).toBe(false);
  });
});
