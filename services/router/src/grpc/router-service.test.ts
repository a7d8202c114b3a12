import { create } from "@bufbuild/protobuf";
import { HealthStatus } from "@fairlead/proto/catalog/v1/catalog";
import { WorkerAnnouncementSchema } from "@fairlead/proto/events/v1/events";
import { expect, it } from "vitest";
import { catalogOf } from "../domain/policy/plan-fixture.ts";
import { createRouterMetrics } from "../router-metrics.ts";
import { RouterState } from "../router-state.ts";
import { createRouterHandlers } from "./router-service.ts";

const context = { traceparent: undefined } as never;

/** A model that one provider offers for nothing and with a wider context than the other one. */
function createService(...served: string[]) {
  const catalog = catalogOf([
    { provider: "free", promptPico: 0n, contextLength: 64_000, inputModalities: ["text", "image"] },
    { provider: "paid", promptPico: 2_000_000n, contextLength: 8_000 },
  ]);
  const state = new RouterState(catalog, () => 1_000, Math.random);
  if (served.length > 0) {
    const worker = { worker: "w", pool: "main", address: "127.0.0.1:1", capacity: 1 };
    const message = { ...worker, providers: served };
    state.workers.announce(create(WorkerAnnouncementSchema, message), 1_000);
  }
  return createRouterHandlers(state, createRouterMetrics(state));
}

it("describes a model by the endpoints that are served here", async () => {
  const handlers = createService("paid");
  const { models = [] } = await handlers.listModels({} as never, context);
  expect(models).toMatchObject([
    {
      isAvailable: true,
      contextLength: 8_000n,
      inputModalities: ["text"],
      price: { rates: { promptPico: 2_000_000n } },
    },
  ]);
  const found = await handlers.listEndpoints({ model: "acme/one" } as never, context);
  expect(found.model).toMatchObject({ price: { rates: { promptPico: 2_000_000n } } });
  expect(found.endpoints).toMatchObject([
    { provider: "paid", health: { status: HealthStatus.HEALTHY } },
  ]);
});

it("describes a model that nobody serves by all its endpoints, as down", async () => {
  const handlers = createService();
  const { models = [] } = await handlers.listModels({} as never, context);
  expect(models).toMatchObject([{ isAvailable: false, contextLength: 64_000n }]);
  const { endpoints } = await handlers.listEndpoints({ model: "acme/one" } as never, context);
  expect(endpoints).toMatchObject([
    { provider: "free", health: { status: HealthStatus.DOWN } },
    { provider: "paid", health: { status: HealthStatus.DOWN } },
  ]);
});
