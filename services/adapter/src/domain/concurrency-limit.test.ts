import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { ConcurrencyLimit, type SlotWaiter } from "./concurrency-limit.ts";

function createWaiter() {
  return { slotTicket: undefined, takeSlot: vi.fn() };
}

describe("ConcurrencyLimit", () => {
  it("hands slots to those who wait in their order, and refuses beyond the queue", () => {
    const limit = new ConcurrencyLimit(1, 2);
    const waiters = [createWaiter(), createWaiter(), createWaiter(), createWaiter()];
    expect(waiters.map((waiter) => limit.enter(waiter))).toEqual([
      "taken",
      "waiting",
      "waiting",
      "full",
    ]);
    limit.leave();
    expect(waiters.map((waiter) => waiter.takeSlot.mock.calls.length)).toEqual([0, 1, 0, 0]);
  });

  it("passes over those who gave up", () => {
    const limit = new ConcurrencyLimit(1, 2);
    const [first, second, third] = [createWaiter(), createWaiter(), createWaiter()];
    limit.enter(first);
    limit.enter(second);
    limit.enter(third);
    limit.forget(second);
    limit.leave();
    expect(second.takeSlot).not.toHaveBeenCalled();
    expect(third.takeSlot).toHaveBeenCalledOnce();
  });

  it("admits at once when it grows and admits none while it is over a smaller size", () => {
    const limit = new ConcurrencyLimit(1, 9);
    const [first, second, third] = [createWaiter(), createWaiter(), createWaiter()];
    limit.enter(first);
    limit.enter(second);
    limit.resize(2);
    expect(second.takeSlot).toHaveBeenCalledOnce();
    limit.resize(1);
    limit.enter(third);
    limit.leave();
    expect(third.takeSlot).not.toHaveBeenCalled();
    limit.leave();
    expect(third.takeSlot).toHaveBeenCalledOnce();
  });

  it("never lets more in than it has slots, whatever happens in whatever order", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.tuple(fc.constantFrom("enter", "leave", "forget"), fc.nat(2)), {
          maxLength: 60,
        }),
        (slots, steps) => {
          const limit = new ConcurrencyLimit(slots, 3);
          const waiting: SlotWaiter[] = [];
          for (const [step, index] of steps) {
            const waiter: SlotWaiter = {
              slotTicket: undefined,
              takeSlot() {
                expect(waiting.shift()).toBe(waiter);
              },
            };
            if (step === "enter" && limit.enter(waiter) === "waiting") {
              waiting.push(waiter);
            } else if (step === "leave" && limit.taken > 0) {
              limit.leave();
            } else if (step === "forget") {
              for (const gone of waiting.splice(index, 1)) {
                limit.forget(gone);
                limit.forget(gone);
              }
            }
            expect(limit.taken).toBeLessThanOrEqual(slots);
            expect(limit.waiting).toBe(waiting.length);
            expect(limit.waiting === 0 || limit.taken === slots).toBe(true);
          }
        },
      ),
    );
  });
});
