import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseScript } from "./parse-script.ts";
import { ScriptError } from "./script-error.ts";

describe("parseScript", () => {
  it("takes pairs parted by blanks, ampersands or semicolons", () => {
    const expected = { tokens: 50, rate: 20 };
    expect(parseScript("tokens=50 rate=20")).toEqual(expected);
    expect(parseScript("tokens=50&rate=20")).toEqual(expected);
    expect(parseScript("tokens=50;rate=20;")).toEqual(expected);
  });

  it("takes text in quotes and percent-encoded", () => {
    expect(parseScript('text="two words \\"quoted\\"\\n"')).toEqual({
      text: 'two words "quoted"\n',
    });
    expect(parseScript("text=two%20words")).toEqual({ text: "two words" });
  });

  it.each([
    ["latency=20", { latency: { medianMs: 20, sigma: 0 } }],
    ["ttft=lognormal:20:0.4", { ttft: { medianMs: 20, sigma: 0.4 } }],
    ["limit=10/500", { limit: 10, limitWindowMs: 500 }],
    [
      "fault=status:429 retry_after=7",
      { fault: { kind: "status", status: 429 }, retryAfterSeconds: 7 },
    ],
    ["fault=cut:120", { fault: { kind: "cut", byte: 120 } }],
    ["fault=stall:3", { fault: { kind: "stall", after: 3 } }],
    ["fault=none", { fault: undefined }],
    ["echo=1 json=0", { isEcho: true, isJson: false }],
  ])("reads %s", (text, expected) => {
    expect(parseScript(text)).toEqual(expected);
  });

  it.each([
    ["tokens=many", /tokens must be a number/],
    ["tokens=1.5", /whole number/],
    ["tokens=-1", /from 0 to/],
    ["token=1", /unknown key "token"/],
    ["constructor=1", /unknown key/],
    ["fault=explode", /unknown fault/],
    ["fault=status:200", /from 400 to 599/],
    ["echo=yes", /0 or 1/],
    ["just words", /expected key=value/],
    ["text=%ff", /percent-encoded/],
  ])("refuses %s", (text, message) => {
    expect(() => parseScript(text)).toThrow(ScriptError);
    expect(() => parseScript(text)).toThrow(message);
  });

  it("never fails but with a ScriptError", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parseScript(text);
        } catch (error) {
          expect(error).toBeInstanceOf(ScriptError);
        }
      }),
    );
  });
});
