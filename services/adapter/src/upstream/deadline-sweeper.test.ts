import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DeadlineSweeper } from "./deadline-sweeper.ts";

describe("DeadlineSweeper", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("looks at everything it watches until it is told to forget it", () => {
    const sweeper = new DeadlineSweeper(() => Date.now());
    const item = { checkDeadline: vi.fn(() => sweeper.forget(item)) };
    const other = { checkDeadline: vi.fn() };
    sweeper.watch(item);
    sweeper.watch(other);
    vi.advanceTimersByTime(300);
    expect(item.checkDeadline).toHaveBeenCalledTimes(1);
    expect(other.checkDeadline.mock.calls.length).toBeGreaterThan(1);
    sweeper.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("runs no timer while it watches nothing", () => {
    const sweeper = new DeadlineSweeper(() => Date.now());
    const item = { checkDeadline: vi.fn() };
    sweeper.watch(item);
    sweeper.forget(item);
    vi.advanceTimersByTime(300);
    expect(vi.getTimerCount()).toBe(0);
    sweeper.watch(item);
    vi.advanceTimersByTime(300);
    expect(item.checkDeadline).toHaveBeenCalled();
    sweeper.close();
  });
});
