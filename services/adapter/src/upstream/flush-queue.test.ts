import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FlushQueue } from "./flush-queue.ts";

describe("FlushQueue", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("lets what comes after a pause leave at once, and what follows together", async () => {
    const queue = new FlushQueue(() => Date.now());
    const first = { flush: vi.fn() };
    queue.add(first, false);
    await Promise.resolve();
    expect(first.flush).toHaveBeenCalledTimes(1);
    const streams = [{ flush: vi.fn() }, { flush: vi.fn() }];
    for (const stream of streams) {
      vi.advanceTimersByTime(2);
      queue.add(stream, false);
      await Promise.resolve();
      expect(stream.flush).not.toHaveBeenCalled();
    }
    vi.advanceTimersByTime(1);
    expect(streams.map(({ flush }) => flush.mock.calls.length)).toEqual([1, 1]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("lets what is urgent leave at once, with what waits", async () => {
    const queue = new FlushQueue(() => Date.now());
    queue.add({ flush: vi.fn() }, false);
    await Promise.resolve();
    const order: string[] = [];
    queue.add({ flush: () => order.push("patient") }, false);
    queue.add({ flush: () => order.push("urgent") }, true);
    expect(order).toEqual([]);
    await Promise.resolve();
    expect(order).toEqual(["patient", "urgent"]);
    expect(vi.getTimerCount()).toBe(0);
    queue.add({ flush: () => order.push("large") }, false);
    queue.hurry();
    await Promise.resolve();
    expect(order.at(-1)).toBe("large");
    expect(vi.getTimerCount()).toBe(0);
  });
});
