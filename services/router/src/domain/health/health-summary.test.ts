import { describe, expect, it } from "vitest";
import type { RoutedEndpoint } from "../catalog/routed-endpoint.ts";
import type { RoutingCatalog } from "../catalog/routing-catalog.ts";
import { type HealthBand, healthBand } from "./health-band.ts";
import { countBands, countUsableEndpoints } from "./health-summary.ts";

interface Case {
  readonly id: string;
  readonly model?: string;
  readonly isDisabled?: boolean;
  /** Left out: it never had an attempt. */
  readonly band?: HealthBand;
}

function describeView(cases: readonly Case[], served: (provider: string) => boolean = () => true) {
  const endpoints = new Map<string, RoutedEndpoint>();
  const endpointsByModel = new Map<string, RoutedEndpoint[]>();
  for (const { id, model = "acme/one", isDisabled = false } of cases) {
    const endpoint = { id, model, provider: id.slice(0, 1), isDisabled };
    const routed = { endpoint } as RoutedEndpoint;
    endpoints.set(id, routed);
    endpointsByModel.set(model, [...(endpointsByModel.get(model) ?? []), routed]);
  }
  const bands = new Map(cases.map(({ id, band }) => [id, band]));
  return {
    catalog: { endpoints, endpointsByModel } as unknown as RoutingCatalog,
    health: {
      endpointIds: () => cases.filter(({ band }) => band !== undefined).map(({ id }) => id),
      band: (id: string) => bands.get(id) ?? healthBand.normal,
    },
    pools: { poolOf: (provider: string) => (served(provider) ? "pool" : undefined) },
    nowMs: 0,
  };
}

describe("countUsableEndpoints", () => {
  it("counts neither outages nor ejections, and trusts what was never tried", () => {
    const view = describeView([
      { id: "a1", band: healthBand.ejected },
      { id: "b1", band: healthBand.outage },
      { id: "c1", band: healthBand.degraded },
      { id: "d1" },
      { id: "e1", isDisabled: true },
    ]);
    expect([...countUsableEndpoints(view)]).toEqual([["acme/one", 2]]);
  });

  it("is 0 where the only endpoint left has no worker, and silent on models never tried", () => {
    const cases = [
      { id: "a1", band: healthBand.ejected },
      { id: "b1" },
      { id: "b2", model: "acme/idle" },
    ];
    const view = describeView(cases, (provider) => provider !== "b");
    expect([...countUsableEndpoints(view)]).toEqual([["acme/one", 0]]);
  });

  it("tells the worst of too many models", () => {
    const cases = Array.from({ length: 600 }, (_, index) => ({
      id: `a${index}`,
      model: `acme/${index}`,
      band: index === 599 ? healthBand.ejected : healthBand.normal,
    }));
    const counts = countUsableEndpoints(describeView(cases));
    expect(counts.size).toBe(500);
    expect(counts.get("acme/599")).toBe(0);
  });
});

describe("countBands", () => {
  it("counts the tried endpoints of each provider", () => {
    const view = describeView([
      { id: "a1", band: healthBand.ejected },
      { id: "a2", band: healthBand.normal },
      { id: "b1", band: healthBand.outage },
      { id: "c1" },
    ]);
    expect(Object.fromEntries(countBands(view))).toEqual({
      a: { normal: 1, degraded: 0, outage: 0, ejected: 1 },
      b: { normal: 0, degraded: 0, outage: 1, ejected: 0 },
    });
  });
});
