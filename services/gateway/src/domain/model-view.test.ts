import { create } from "@bufbuild/protobuf";
import { ModelSchema } from "@fairlead/proto/catalog/v1/catalog";
import { expect, it } from "vitest";
import { viewModel } from "./model-view.ts";

it("shows what the cache asks for an hour only where it has a price", () => {
  const rates = { promptPico: 3_000_000n, cacheWritePico: 3_750_000n };
  const show = (more: object) =>
    viewModel(create(ModelSchema, { id: "acme/one", price: { rates: { ...rates, ...more } } }))
      .pricing;
  expect(show({ cacheWrite1hPico: 6_000_000n })).toMatchObject({
    input_cache_write: "0.00000375",
    input_cache_write_1h: "0.000006",
  });
  expect(show({})).not.toHaveProperty("input_cache_write_1h");
});
