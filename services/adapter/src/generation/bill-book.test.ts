import { Outcome } from "@fairlead/proto/usage/v1/usage";
import { describe, expect, it } from "vitest";
import { noUsage } from "../domain/complete-usage.ts";
import { BillBook } from "./bill-book.ts";

const facts = {
  ...noUsage,
  outcome: Outcome.COMPLETED,
  finishReason: "stop",
  nativeFinishReason: "stop",
  upstreamId: "",
  firstTokenMs: 1,
  durationMs: 2,
};

function createBook(billsMax = 10) {
  let nowMs = 0;
  const claimed: number[] = [];
  const book = new BillBook({
    claim: ({ template }) => claimed.push(template[0] ?? -1),
    now: () => nowMs,
    graceMs: 5_000,
    billsMax,
  });
  const settle = (id: number) => book.settle(`gen-${id}`, 1, new Uint8Array([id]), facts);
  const wait = (ms: number) => {
    nowMs += ms;
  };
  return { book, claimed, settle, wait };
}

describe("BillBook", () => {
  it("claims what nobody acknowledges in time, in order", () => {
    const { book, claimed, settle, wait } = createBook();
    settle(1);
    settle(2);
    wait(3_000);
    settle(3);
    book.acknowledge(["gen-2", "gen-unknown"]);
    wait(2_000);
    book.sweep();
    expect(claimed).toEqual([1]);
    expect(book.size).toBe(1);
    wait(3_000);
    book.sweep();
    expect(claimed).toEqual([1, 3]);
  });

  it("claims the oldest rather than grow", () => {
    const { book, claimed, settle } = createBook(2);
    settle(1);
    settle(2);
    settle(3);
    expect(claimed).toEqual([1]);
    expect(book.size).toBe(2);
  });

  it("claims everything at the end", () => {
    const { book, claimed, settle } = createBook();
    settle(1);
    settle(2);
    book.claimAll();
    expect(claimed).toEqual([1, 2]);
    expect(book.size).toBe(0);
  });
});
