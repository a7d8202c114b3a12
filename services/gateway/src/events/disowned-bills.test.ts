import { AppError } from "@fairlead/errors";
import type { CallSink, Link, LinkState } from "@fairlead/rpc";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DisownedBills } from "./disowned-bills.ts";

/** Longer than any retry waits. */
const LONG_MS = 60_000;
const late = new AppError("timeout", "No answer in time.");

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp(state: LinkState) {
  const listeners: ((state: LinkState) => void)[] = [];
  const told: { readonly ids: string[]; readonly sink: CallSink }[] = [];
  const link = {
    state,
    onStateChange: (listener: (state: LinkState) => void) => void listeners.push(listener),
    open(_method: unknown, request: Request, _options: unknown, sink: CallSink) {
      const ids = request.disowned.map((it) => `${it.generationId}/${it.attempt}`);
      told.push({ ids, sink });
    },
  };
  let lost = 0;
  const disowned = new DisownedBills(link as unknown as Link, (count) => {
    lost += count;
  });
  const change = (next: LinkState) => {
    link.state = next;
    for (const listener of listeners) {
      listener(next);
    }
  };
  return { disowned, told, change, lost: () => lost };
}

interface Request {
  readonly disowned: readonly { readonly generationId: string; readonly attempt: number }[];
}

describe("DisownedBills", () => {
  it("tells the worker once the link is back", () => {
    const { disowned, told, change } = setUp("connecting");
    disowned.add("gen-a", 1);
    disowned.add("gen-b", 2);
    expect(told).toEqual([]);
    change("ready");
    expect(told.map(({ ids }) => ids)).toEqual([["gen-a/1", "gen-b/2"]]);
    told[0]?.sink.end(undefined, undefined);
    vi.advanceTimersByTime(LONG_MS);
    expect(told).toHaveLength(1);
  });

  it("tells a draining worker, which bills what it has left before it goes", () => {
    const { disowned, told } = setUp("draining");
    disowned.add("gen-a", 1);
    expect(told).toHaveLength(1);
  });

  it("tries again by itself when no answer comes over a link that stays", () => {
    const { disowned, told } = setUp("ready");
    disowned.add("gen-a", 1);
    told[0]?.sink.end(late, undefined);
    vi.advanceTimersByTime(LONG_MS);
    expect(told.map(({ ids }) => ids)).toEqual([["gen-a/1"], ["gen-a/1"]]);
  });

  it("gives up in the end, and says so", () => {
    const { disowned, told, lost } = setUp("ready");
    disowned.add("gen-a", 1);
    for (let tries = 0; tries < told.length && tries < 100; tries += 1) {
      told[tries]?.sink.end(late, undefined);
      vi.advanceTimersByTime(LONG_MS);
    }
    expect(told).toHaveLength(5);
    expect(lost()).toBe(1);
  });

  it("counts what a link that closes for good leaves untold, before and after", () => {
    const { disowned, told, change, lost } = setUp("ready");
    disowned.add("gen-a", 1);
    change("connecting");
    disowned.add("gen-b", 1);
    disowned.add("gen-c", 1);
    change("closed");
    expect(lost()).toBe(2);
    told[0]?.sink.end(late, undefined);
    expect(lost()).toBe(3);
    disowned.add("gen-d", 1);
    expect(lost()).toBe(4);
    vi.advanceTimersByTime(LONG_MS);
    expect(told).toHaveLength(1);
  });

  it("drops the oldest rather than grow", () => {
    const { disowned, told, change, lost } = setUp("connecting");
    for (let count = 0; count <= 10_000; count += 1) {
      disowned.add(`gen-${count}`, 1);
    }
    expect(lost()).toBe(1);
    change("ready");
    expect(told[0]?.ids).toHaveLength(10_000);
    expect(told[0]?.ids).not.toContain("gen-0/1");
  });
});
