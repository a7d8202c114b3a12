import { AppError } from "@fairlead/errors";
import { describe, expect, it } from "vitest";
import { insist } from "./insist.ts";

function failing(times: number, error: AppError) {
  let asked = 0;
  const ask = async () => {
    asked += 1;
    if (asked <= times) {
      throw error;
    }
    return "answer";
  };
  return { ask, asked: () => asked };
}

const away = new AppError("unavailable", "away");

describe("insist", () => {
  it("asks again while nobody answers", async () => {
    const { ask, asked } = failing(2, away);
    expect(await insist(ask)).toBe("answer");
    expect(asked()).toBe(3);
  });

  it("gives up after its patience with what was said last", async () => {
    const { ask } = failing(Number.POSITIVE_INFINITY, away);
    await expect(insist(ask, 250)).rejects.toBe(away);
  });

  it("does not ask again for any other reason", async () => {
    const refused = new AppError("not_found", "no such key");
    const { ask, asked } = failing(1, refused);
    await expect(insist(ask)).rejects.toBe(refused);
    expect(asked()).toBe(1);
  });
});
