import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { formatFault } from "./catalog-fault.ts";
import { loadCatalog, readCatalog } from "./load-catalog.ts";

const folder = mkdtempSync(join(tmpdir(), "fairlead-catalog-"));
let files = 0;

function write(...lines: string[]): string {
  files += 1;
  const path = join(folder, `${files}.yaml`);
  writeFileSync(path, lines.join("\n"));
  return path;
}

function explain(...paths: string[]): string[] {
  return readCatalog(paths).faults.map((fault) => formatFault({ ...fault, file: "f" }));
}

describe("the snapshot", () => {
  const catalog = loadCatalog([]);

  it("gives providers' names of one model one public id", () => {
    const serve = (model: string) =>
      catalog.endpointsByModel.get(model)?.map((e) => `${e.provider}=${e.upstreamModel}`) ?? [];
    expect(serve("openai/gpt-4o")).toContain("openai=gpt-4o");
    expect(serve("anthropic/claude-sonnet-4.5")).toContain("anthropic=claude-sonnet-4-5-20250929");
    expect(serve("meta-llama/llama-3.3-70b-instruct")).toEqual(
      expect.arrayContaining([
        "groq=llama-3.3-70b-versatile",
        "togetherai=meta-llama/Llama-3.3-70B-Instruct-Turbo",
      ]),
    );
    expect(serve("z-ai/glm-5.1")).toContain("fireworks-ai=accounts/fireworks/models/glm-5p1");
    expect(serve("openai/gpt-oss-20b:free")).toContain("openrouter=openai/gpt-oss-20b:free");
  });

  it("has Anthropic's writes for an hour at twice the prompt's rate, and no others", () => {
    const found = catalog.endpointsByModel
      .get("anthropic/claude-sonnet-4.5")
      ?.find(({ provider }) => provider === "anthropic");
    expect(found?.price.rates).toMatchObject({
      promptPico: 3_000_000n,
      cacheWritePico: 3_750_000n,
      cacheWrite1hPico: 6_000_000n,
    });
    const [gpt] = catalog.endpointsByModel.get("openai/gpt-4o") ?? [];
    expect(gpt?.price.rates.cacheWrite1hPico).toBe(0n);
  });

  it("holds prices as exact integers, with tiers", () => {
    const endpoints = catalog.endpointsByModel.get("google/gemini-2.5-pro") ?? [];
    const google = endpoints.find((endpoint) => endpoint.provider === "google");
    // $1.25 per million = 1,250,000 pico-USD per token; $2.50 above 200,000 prompt tokens.
    expect(google?.price.rates.promptPico).toBe(1_250_000n);
    expect(google?.price.tiers[0]).toMatchObject({
      minPromptTokens: 200_000n,
      rates: { promptPico: 2_500_000n },
    });
    // 0.04999999999999999 in the source.
    const noisy = [...catalog.endpoints.values()].filter((e) => e.provider === "helicone");
    expect(noisy.every((e) => e.price.rates.promptPico % 10n === 0n)).toBe(true);
  });

  it("has unique endpoint ids that a NATS subject can hold, and no empty base URL", () => {
    for (const id of catalog.endpoints.keys()) {
      expect(id).toMatch(/^[0-9a-f]{16}$/);
    }
    for (const provider of catalog.providers.values()) {
      expect(URL.canParse(provider.baseUrl.replace(/\$\{\w+\}/g, "x"))).toBe(
        !provider.baseUrl.startsWith("$"),
      );
    }
    expect(catalog.endpoints.size).toBeGreaterThan(4_000);
  });
});

describe("operator files", () => {
  it("may name the rate of cache writes for an hour, and need not in the dialect of Anthropic", () => {
    const path = write(
      "providers:",
      "  - id: rack",
      "    dialect: anthropic",
      "    base_url: http://10.0.0.7:8000/v1",
      "    models:",
      "      - { id: acme/own, price: { prompt: 1, completion: 2, cache_write: 1.25, cache_write_1h: 3 } }",
      "      - { id: acme/left, price: { prompt: 1, completion: 2, cache_write: 1.25 } }",
      "      - { id: acme/plain, price: { prompt: 1, completion: 2 } }",
    );
    const catalog = loadCatalog([path]);
    const rateOf = (model: string) =>
      catalog.endpointsByModel.get(model)?.[0]?.price.rates.cacheWrite1hPico;
    expect(["acme/own", "acme/left", "acme/plain"].map(rateOf)).toEqual([
      3_000_000n,
      2_000_000n,
      0n,
    ]);
  });

  it("add providers, override fields of known ones and keep the rest", () => {
    const path = write(
      "providers:",
      "  - id: rack-vllm",
      "    dialect: openai",
      "    base_url: http://10.0.0.7:8000/v1/",
      "    api_key: { env: RACK_KEY }",
      "    models:",
      "      - id: meta-llama/llama-3.1-8b-instruct",
      "        upstream: meta-llama/Llama-3.1-8B-Instruct",
      "        price: { prompt: '0.05', completion: 0.08 }",
      "  - id: openai",
      "    base_url: http://127.0.0.1:9000/v1",
      "    models:",
      "      - id: openai/gpt-4o",
      "        price: { prompt: '2', completion: '8' }",
      "      - id: openai/gpt-4o-mini",
      "        disabled: true",
      "aliases:",
      "  house: openai/gpt-4o",
    );
    const catalog = loadCatalog([path]);
    expect(catalog.providers.get("rack-vllm")?.baseUrl).toBe("http://10.0.0.7:8000/v1");
    expect(catalog.providers.get("openai")).toMatchObject({
      name: "OpenAI",
      baseUrl: "http://127.0.0.1:9000/v1",
      envNames: ["OPENAI_API_KEY"],
    });
    const find = (model: string, provider: string) =>
      catalog.endpointsByModel.get(model)?.find((endpoint) => endpoint.provider === provider);
    expect(find("meta-llama/llama-3.1-8b-instruct", "rack-vllm")?.price.rates).toMatchObject({
      promptPico: 50_000n,
      completionPico: 80_000n,
      cacheReadPico: 50_000n,
    });
    expect(find("openai/gpt-4o", "openai")?.price.rates.promptPico).toBe(2_000_000n);
    expect(find("openai/gpt-4o", "openai")?.contextLength).toBe(128_000);
    expect(find("openai/gpt-4o-mini", "openai")?.isDisabled).toBe(true);
    expect(catalog.aliases.get("house")).toBe("openai/gpt-4o");
  });

  it("names what a new provider or endpoint lacks, and what stands twice", () => {
    const first = write("providers: [{ id: rack, models: [{ id: a/b }] }]");
    const second = write("providers: [{ id: rack }]", "aliases: { c: no/such }");
    expect(explain(first, second)).toEqual([
      "f:1:19: providers[0].id: is a new provider: add dialect (openai, anthropic or gemini)",
      "f:1:19: providers[0].id: is a new provider: add base_url",
      expect.stringContaining("f:1:40: providers[0].models[0].id: is a new endpoint: add price"),
      expect.stringContaining(`f:1:19: providers[0].id: "rack" is declared already in ${first}`),
    ]);
    const alias = write("aliases: { c: no/such }");
    expect(explain(alias)[0]).toContain('f:1:15: aliases.c: names "no/such", which no provider');
    expect(explain(join(folder, "absent.yaml"))[0]).toContain("cannot be read");
  });

  it("has a version that is of the content and not of the layout", () => {
    const plain = write("providers: [{ id: openai, concurrency: 5 }]");
    const commented = write("# why", "providers:", "  - concurrency: 5", "    id: openai");
    const other = write("providers: [{ id: openai, concurrency: 6 }]");
    const version = loadCatalog([plain]).version;
    expect(loadCatalog([commented]).version).toBe(version);
    expect(loadCatalog([other]).version).not.toBe(version);
    expect(loadCatalog([]).version).not.toBe(version);
  });
});
