import { describe, expect, it } from "vitest";
import { describeSimulatedCatalog } from "./simulated-catalog.ts";

describe("describeSimulatedCatalog", () => {
  const { yaml, providers } = describeSimulatedCatalog("http://127.0.0.1:1", "http://127.0.0.1:2");

  it("names every provider once, each with the key by reference", () => {
    expect(providers).toEqual([...new Set(providers)]);
    for (const provider of providers) {
      expect(yaml).toContain(`- id: ${provider}\n`);
    }
    expect(yaml.match(/api_key: \{ env: FAIRLEAD_SIMULATED_KEY \}/g)).toHaveLength(
      providers.length,
    );
  });

  it("prices every model, so that money moves", () => {
    const models = yaml.match(/upstream:/g)?.length;
    expect(yaml.match(/price: \{ prompt: "\d+\.\d+", completion: "\d+\.\d+" \}/g)).toHaveLength(
      models as number,
    );
  });

  it("gives the models that fail over a provider that answers", () => {
    for (const model of ["simulated/flaky", "simulated/down"]) {
      expect(yaml.split(`- id: ${model}\n`)).toHaveLength(3);
    }
  });
});
