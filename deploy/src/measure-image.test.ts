import { expect, it } from "vitest";
import {
  describeSize,
  findBase,
  isTooLarge,
  measureOverBase,
  parseImageFacts,
} from "./measure-image.ts";

const base = { size: 200, layers: ["sha256:a", "sha256:b"] };

it("measures what an image adds to its base", () => {
  expect(measureOverBase({ size: 230, layers: [...base.layers, "sha256:c"] }, base)).toBe(30);
});

it("bears 60 MB, not a byte more", () => {
  expect(isTooLarge(60_000_000)).toBe(false);
  expect(describeSize(13_570_000)).toBe("13.6 MB over the base");
  expect(isTooLarge(60_000_001)).toBe(true);
  expect(describeSize(75_000_000)).toBe("75.0 MB over the base: the limit is 60.0 MB");
});

it("compares with no base that the image is not made from", () => {
  const other = { size: 230, layers: ["sha256:a", "sha256:x", "sha256:c"] };
  expect(() => measureOverBase(other, base)).toThrow("build it anew");
});

it("reads what the engine says of an image", () => {
  const printed = JSON.stringify([{ Size: 7, RootFS: { Type: "layers", Layers: ["sha256:a"] } }]);
  expect(parseImageFacts(printed)).toEqual({ size: 7, layers: ["sha256:a"] });
  expect(() => parseImageFacts("[]")).toThrow("does not say the size");
});

it("finds the base of the last stage", () => {
  expect(
    findBase("FROM a AS b\nRUN x\nFROM --platform=linux/amd64 node:24\nCOPY --from=b / /"),
  ).toBe("node:24");
});
