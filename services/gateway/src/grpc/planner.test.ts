import { AppError } from "@fairlead/errors";
import { PlanResponseSchema } from "@fairlead/proto/router/v1/router";
import { encode } from "@fairlead/proto/wire";
import { describe, expect, it } from "vitest";
import { PlanCache } from "../domain/plan-cache.ts";
import { Planner } from "./planner.ts";

const away = new AppError("unavailable", "No router can be reached. Try again.");
const slow = new AppError("timeout", "The router did not answer in time.");
const request = { models: ["acme/one"] };
const bytes = encode(PlanResponseSchema, { candidates: [{ endpointId: "a" }] });

/** Routers that are away until `come`, and answer what `answer` says each time they are asked. */
class FakeRouters {
  isReady = true;
  asked = 0;
  answer: () => Promise<Uint8Array> = async () => bytes;
  #waiters: ((isReady: boolean) => void)[] = [];

  async plan(): Promise<Uint8Array> {
    this.asked += 1;
    if (!this.isReady) {
      throw away;
    }
    return this.answer();
  }

  untilReady(timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    if (this.isReady || timeoutMs <= 0) {
      return Promise.resolve(this.isReady);
    }
    return new Promise((resolve) => {
      setTimeout(() => resolve(false), timeoutMs);
      signal.addEventListener("abort", () => resolve(false));
      this.#waiters.push(resolve);
    });
  }

  come(): void {
    this.isReady = true;
    for (const tell of this.#waiters.splice(0)) {
      tell(true);
    }
  }
}

function createPlanner(patienceMs = 60_000) {
  const routers = new FakeRouters();
  const planner = new Planner({ routers, cache: new PlanCache() });
  const client = new AbortController();
  const call = { traceparent: undefined, patienceMs, signal: () => client.signal };
  const plan = (models = request.models) => planner.plan({ models }, call);
  return { routers, planner, plan, client };
}

describe("a kind that was never planned", () => {
  it("waits until a router is there, and does not ask before", async () => {
    const { routers, planner, plan } = createPlanner();
    routers.isReady = false;
    const pending = plan();
    await expect.poll(() => planner.waiting).toBe(1);
    expect(routers.asked).toBe(1);
    routers.come();
    expect((await pending).candidates[0]?.endpointId).toBe("a");
    expect(routers.asked).toBe(2);
    expect(planner.waiting).toBe(0);
    expect(planner.fallbacks).toBe(0);
  });

  it("is refused after its patience, with the remedy", async () => {
    const { routers, planner, plan } = createPlanner(50);
    routers.isReady = false;
    await expect(plan()).rejects.toMatchObject({
      code: "unavailable",
      message: "Routing is not available now. Try again in a moment.",
      retryAfterMs: 1_000,
    });
    expect(planner.waiting).toBe(0);
  });

  it("is asked for again where a router was too slow: the next one may not be", async () => {
    const { routers, plan } = createPlanner();
    routers.answer = async () => {
      routers.answer = async () => bytes;
      throw slow;
    };
    expect((await plan()).candidates).toHaveLength(1);
    expect(routers.asked).toBe(2);
  });

  it("is not asked for again before the time that a router named", async () => {
    const { routers, plan } = createPlanner();
    routers.answer = async () => {
      throw new AppError("unavailable", "too many open calls", { retryAfterMs: 60_001 });
    };
    await expect(plan()).rejects.toMatchObject({ code: "unavailable" });
    expect(routers.asked).toBe(1);
  });

  it("uses the plan that another request of its kind got meanwhile", async () => {
    const { routers, planner, plan } = createPlanner();
    routers.isReady = false;
    const pending = Promise.all([plan(), plan()]);
    await expect.poll(() => planner.waiting).toBe(2);
    let answers = 0;
    routers.answer = async () => {
      answers += 1;
      if (answers > 1) {
        throw slow;
      }
      return bytes;
    };
    routers.come();
    const strategies = (await pending).map(({ strategy }) => strategy);
    expect(strategies.sort()).toEqual(["", "last-plan"]);
    expect(routers.asked).toBe(4);
  });

  it("is given up when its client is gone", async () => {
    const { routers, planner, plan, client } = createPlanner();
    routers.isReady = false;
    const pending = plan();
    await expect.poll(() => planner.waiting).toBe(1);
    client.abort();
    await expect(pending).rejects.toMatchObject({ code: "cancelled" });
    expect(planner.waiting).toBe(0);
    expect(routers.asked).toBe(1);
  });

  it("is refused at once when too many wait already", async () => {
    const { routers, planner, plan } = createPlanner();
    routers.isReady = false;
    const waiting = Array.from({ length: 1_000 }, (_, index) => plan([`acme/${index}`]));
    await expect.poll(() => planner.waiting).toBe(1_000);
    await expect(plan(["acme/more"])).rejects.toMatchObject({ code: "unavailable" });
    routers.come();
    await Promise.all(waiting);
    expect(planner.waiting).toBe(0);
  });

  it("hears the refusal of a router that came back", async () => {
    const { routers, planner, plan } = createPlanner();
    const invalid = new AppError("invalid_request", "no such model");
    routers.isReady = false;
    const pending = plan();
    await expect.poll(() => planner.waiting).toBe(1);
    routers.answer = () => Promise.reject(invalid);
    routers.come();
    await expect(pending).rejects.toBe(invalid);
  });
});

describe("a kind that was planned before", () => {
  it("uses its last plan at once while no router answers", async () => {
    const { routers, planner, plan } = createPlanner();
    await plan();
    routers.isReady = false;
    expect((await plan()).strategy).toBe("last-plan");
    expect(planner.fallbacks).toBe(1);
  });

  it("does not hide an error that is no absence", async () => {
    const { routers, plan } = createPlanner();
    await plan();
    const invalid = new AppError("invalid_request", "no such model");
    routers.answer = () => Promise.reject(invalid);
    await expect(plan()).rejects.toBe(invalid);
  });
});
