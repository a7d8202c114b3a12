import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Deadlined, DeadlineSweeper } from "./deadline-sweeper.ts";

describe("DeadlineSweeper", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("looks at everything it watches until it is told to forget it", () => {
    const sweeper = new DeadlineSweeper(() => Date.now());
    const item: Deadlined = {
      sweeperIndex: -1,
      checkDeadline: vi.fn(() => sweeper.forget(item)),
    };
    const other = { sweeperIndex: -1, checkDeadline: vi.fn() };
    sweeper.watch(item);
    sweeper.watch(other);
    vi.advanceTimersByTime(300);
    expect(item.checkDeadline).toHaveBeenCalledTimes(1);
    expect(other.checkDeadline.mock.calls.length).toBeGreaterThan(1);
    sweeper.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("misses none when those that it looks at leave, take others with them, or come", () => {
    const sweeper = new DeadlineSweeper(() => 0);
    const looks = new Map<number, number>();
    const items: Deadlined[] = Array.from({ length: 6 }, (_, id) => ({
      sweeperIndex: -1,
      checkDeadline() {
        looks.set(id, (looks.get(id) ?? 0) + 1);
        if (id === 4) {
          sweeper.forget(this);
          sweeper.forget(this);
          sweeper.forget(items[1] as Deadlined);
        }
      },
    }));
    for (const item of items) {
      sweeper.watch(item);
    }
    sweeper.sweep();
    expect([...looks.keys()].sort()).toEqual([0, 2, 3, 4, 5]);
    expect(sweeper.size).toBe(4);
    sweeper.watch(items[1] as Deadlined);
    looks.clear();
    sweeper.sweep();
    expect([...looks].sort()).toEqual([0, 1, 2, 3, 5].map((id) => [id, 1]));
    sweeper.close();
  });

  it("runs no timer while it watches nothing", () => {
    const sweeper = new DeadlineSweeper(() => Date.now());
    const item = { sweeperIndex: -1, checkDeadline: vi.fn() };
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
