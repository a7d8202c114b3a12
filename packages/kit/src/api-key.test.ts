import { describe, expect, it } from "vitest";
import { hashApiKey, hmacApiKey, labelApiKey, mintApiKey, parseApiKey } from "./api-key.ts";

describe("parseApiKey", () => {
  it("knows the two kinds by their prefixes", () => {
    expect(parseApiKey(mintApiKey("inference"))).toBe("inference");
    expect(parseApiKey(mintApiKey("management"))).toBe("management");
  });

  it("refuses every key with one character changed, before anything is looked up", () => {
    const key = mintApiKey("inference");
    for (let index = 0; index < key.length; index += 1) {
      const other = key[index] === "a" ? "b" : "a";
      expect(parseApiKey(key.slice(0, index) + other + key.slice(index + 1))).toBeUndefined();
    }
  });

  it("refuses the stored hash, an empty text, upper case and what is too long", () => {
    const key = mintApiKey("inference");
    for (const text of [
      hashApiKey(key),
      "",
      "sk-fl-v1-",
      key.toUpperCase(),
      `${key}0`,
      ` ${key}`,
    ]) {
      expect(parseApiKey(text)).toBeUndefined();
    }
  });
});

describe("hmacApiKey", () => {
  it("depends on the pepper", () => {
    const key = mintApiKey("inference");
    expect(hmacApiKey("a".repeat(32), key)).not.toEqual(hmacApiKey("b".repeat(32), key));
  });
});

describe("labelApiKey", () => {
  it("shows three characters of each end", () => {
    const key = mintApiKey("management");
    expect(labelApiKey(key)).toMatch(/^sk-fl-mgmt-v1-[0-9a-f]{3}\.\.\.[0-9a-f]{3}$/);
  });
});
