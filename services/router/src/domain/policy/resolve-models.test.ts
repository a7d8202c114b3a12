import { expect, it } from "vitest";
import type { RoutingCatalog } from "../catalog/routing-catalog.ts";
import { resolveModel } from "./resolve-models.ts";

const ids = new Set(["acme/one", "acme/one:free"]);
const catalog = {
  findModel: (name: string) => (ids.has(name) ? name : undefined),
} as unknown as RoutingCatalog;

it("reads suffixes that choose an order, and variants that are models of their own", () => {
  expect(resolveModel("acme/one:nitro", catalog)).toMatchObject({
    id: "acme/one",
    sort: "throughput",
  });
  expect(resolveModel("acme/one:free:floor", catalog)).toMatchObject({
    id: "acme/one:free",
    sort: "price",
  });
});

it("takes a suffix that every object has for the unknown variant it is", () => {
  for (const suffix of ["constructor", "toString", "__proto__"]) {
    expect(resolveModel(`acme/one:${suffix}`, catalog)).toEqual({
      name: `acme/one:${suffix}`,
      id: undefined,
      isKnown: true,
      sort: "",
    });
  }
});
