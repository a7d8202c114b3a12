import { AppError } from "@fairlead/errors";
import { PlanResponseSchema } from "@fairlead/proto/router/v1/router";
import { encode } from "@fairlead/proto/wire";
import { describe, expect, it } from "vitest";
import { PlanCache } from "../domain/plan-cache.ts";
import { Planner } from "./planner.ts";

const away = new AppError("unavailable", "No router can be reached. Try again.");
const request = { models: ["simulated/fast"] };
const plan = encode(PlanResponseSchema, { candidates: [{ endpointId: "a" }] });

/** A router that fails as it is told, one entry for each call, and plans after that. */
function createPlanner(failures: Iterable<AppError>, options: { patienceMs?: number } = {}) {
  const rest = failures[Symbol.iterator]();
  let asked = 0;
  const routers = {
    async plan() {
      asked += 1;
      const failure = rest.next();
      if (failure.done !== true) {
        throw failure.value;
      }
      return plan;
    },
  };
  const planner = new Planner({ routers, cache: new PlanCache(), ...options });
  return { planner, asked: () => asked };
}

function* forever(error: AppError): Generator<AppError> {
  for (;;) {
    yield error;
  }
}

describe("Planner", () => {
  it("waits for a router when a request of its kind was never planned", async () => {
    const { planner, asked } = createPlanner([away, away, away]);
    const pending = planner.plan(request, undefined);
    await expect.poll(() => planner.waiting).toBe(1);
    expect((await pending).candidates[0]?.endpointId).toBe("a");
    expect(asked()).toBe(4);
    expect(planner.waiting).toBe(0);
    expect(planner.fallbacks).toBe(0);
  });

  it("gives up after its patience with a refusal that names the remedy", async () => {
    const { planner } = createPlanner(forever(away), { patienceMs: 250 });
    await expect(planner.plan(request, undefined)).rejects.toMatchObject({
      code: "unavailable",
      message: "Routing is not available now. Try again in a moment.",
      retryAfterMs: 1_000,
    });
    expect(planner.waiting).toBe(0);
  });

  it("uses the last plan at once when it has one", async () => {
    const cache = new PlanCache();
    const known = new Planner({ routers: { plan: async () => plan }, cache });
    await known.plan(request, undefined);
    const alone = new Planner({ routers: { plan: () => Promise.reject(away) }, cache });
    expect((await alone.plan(request, undefined)).strategy).toBe("last-plan");
    expect(alone.fallbacks).toBe(1);
  });

  it("refuses the wait when too many wait already", async () => {
    const { planner } = createPlanner(forever(away), { patienceMs: 400 });
    const kinds = Array.from({ length: 1_001 }, (_, index) => ({ models: [`simulated/${index}`] }));
    let refused = 0;
    const plans = kinds.map((kind) =>
      planner.plan(kind, undefined).catch(() => {
        refused += 1;
      }),
    );
    await expect.poll(() => refused).toBe(1);
    expect(planner.waiting).toBe(1_000);
    await Promise.all(plans);
    expect(planner.waiting).toBe(0);
  });

  it("does not wait for a router that is too slow", async () => {
    const { planner, asked } = createPlanner([new AppError("timeout", "slow")]);
    await expect(planner.plan(request, undefined)).rejects.toMatchObject({ code: "unavailable" });
    expect(asked()).toBe(1);
  });

  it("does not wait after any other error", async () => {
    const invalid = new AppError("invalid_request", "no such model");
    const { planner, asked } = createPlanner([invalid]);
    await expect(planner.plan(request, undefined)).rejects.toBe(invalid);
    expect(asked()).toBe(1);
  });

  it("hears the refusal of a router that came back", async () => {
    const invalid = new AppError("invalid_request", "no such model");
    const { planner } = createPlanner([away, away, invalid]);
    await expect(planner.plan(request, undefined)).rejects.toBe(invalid);
  });
});
