import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Announcer } from "./announcer.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("announces at once, each second, and when it drains", () => {
  const publish = vi.fn();
  let providers = ["openai"];
  const announcer = new Announcer({
    bus: { publish },
    worker: "adapter-1",
    pool: "default",
    address: "10.0.0.7:50051",
    capacity: 100,
    providers: () => providers,
    inFlight: () => 3,
  });
  const last = () => publish.mock.lastCall?.[2];
  announcer.start();
  expect(publish).toHaveBeenCalledTimes(1);
  expect(publish.mock.lastCall?.[1]).toBe("fairlead.worker.v1");
  expect(last()).toMatchObject({
    worker: "adapter-1",
    pool: "default",
    address: "10.0.0.7:50051",
    providers: ["openai"],
    capacity: 100,
    inFlight: 3,
    isDraining: false,
  });
  providers = ["openai", "groq"];
  vi.advanceTimersByTime(2_000);
  expect(publish).toHaveBeenCalledTimes(3);
  expect(last().providers).toEqual(["openai", "groq"]);
  announcer.drain();
  expect(last().isDraining).toBe(true);
  announcer.close();
  vi.advanceTimersByTime(5_000);
  expect(publish).toHaveBeenCalledTimes(4);
});
