import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BodyCollector } from "./body-collector.ts";

describe("BodyCollector", () => {
  it("joins what comes, however it is cut", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.nat(7), (text, size) => {
        const bytes = Buffer.from(text);
        const body = new BodyCollector(1_000);
        for (let start = 0; start < bytes.length; start += size + 1) {
          body.push(bytes.subarray(start, start + size + 1));
        }
        expect(body.toString()).toBe(bytes.toString("utf8"));
        expect(body.isOverflown).toBe(false);
      }),
    );
  });

  it("keeps no more than its limit", () => {
    const body = new BodyCollector(5);
    body.push(Buffer.from("abc"));
    body.push(Buffer.from("defg"));
    body.push(Buffer.from("h"));
    expect(body.isOverflown).toBe(true);
    expect(body.toString()).toBe("abcde");
  });
});
