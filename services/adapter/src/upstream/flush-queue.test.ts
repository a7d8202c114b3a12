import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Flushable, FlushQueue } from "./flush-queue.ts";

const unused = () => {
  throw new Error("no failure was expected");
};

const createItem = (flush: () => unknown = () => undefined) => ({
  flush: vi.fn(flush),
  drop: vi.fn(),
});

describe("FlushQueue", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("lets what comes after a pause leave at once, and what follows together", async () => {
    const queue = new FlushQueue(() => Date.now(), unused);
    const first = createItem();
    queue.add(first, false);
    await Promise.resolve();
    expect(first.flush).toHaveBeenCalledTimes(1);
    const streams = [createItem(), createItem()];
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
    const queue = new FlushQueue(() => Date.now(), unused);
    queue.add(createItem(), false);
    await Promise.resolve();
    const order: string[] = [];
    queue.add(
      createItem(() => order.push("patient")),
      false,
    );
    queue.add(
      createItem(() => order.push("urgent")),
      true,
    );
    expect(order).toEqual([]);
    await Promise.resolve();
    expect(order).toEqual(["patient", "urgent"]);
    expect(vi.getTimerCount()).toBe(0);
    queue.add(
      createItem(() => order.push("large")),
      false,
    );
    queue.hurry();
    await Promise.resolve();
    expect(order.at(-1)).toBe("large");
    expect(vi.getTimerCount()).toBe(0);
  });

  it("keeps what fails in one stream from the others", async () => {
    const failures: unknown[] = [];
    const queue = new FlushQueue(
      () => Date.now(),
      (error) => void failures.push(error),
    );
    const fault = new Error("a fault of one stream");
    const others = [createItem(), createItem()];
    const broken = createItem(() => {
      throw fault;
    });
    for (const item of [others[0], broken, others[1]]) {
      queue.add(item as Flushable, true);
    }
    await Promise.resolve();
    expect(others.map(({ flush }) => flush.mock.calls.length)).toEqual([1, 1]);
    expect(failures).toEqual([fault]);
    expect(others.map(({ drop }) => drop.mock.calls.length)).toEqual([0, 0]);
    expect(broken.drop).toHaveBeenCalledWith(expect.objectContaining({ code: "internal" }));
  });
});
