import type { Catalog, Provider as Definition } from "@fairlead/catalog";
import { resolveProvider } from "@fairlead/providers";
import { describe, expect, it } from "vitest";
import { parseProviderPatterns } from "../domain/match-providers.ts";
import { createDefinition } from "../testing/start-adapter.ts";
import { BindingTable } from "./binding-table.ts";
import { CredentialSource } from "./credential-source.ts";

function createTable(environment: Record<string, string | undefined>, patterns = "*") {
  return new BindingTable({
    credentials: new CredentialSource(environment),
    environment,
    isSelected: parseProviderPatterns(patterns),
    findTranslation: ({ slug, dialect }) => resolveProvider(slug, dialect),
    concurrency: 4,
    waitersMax: 1,
  });
}

function toCatalog(...definitions: Partial<Definition>[]): Catalog {
  const whole = definitions.map((it) => ({
    ...createDefinition("acme", "openai", "https://acme.test/v1/"),
    ...it,
  }));
  return {
    version: 1n,
    providers: new Map(whole.map((it) => [it.slug, it])),
    models: new Map(),
    endpoints: new Map(),
    endpointsByModel: new Map(),
    aliases: new Map(),
  };
}

const environment = { CANARY_KEY: "sk-1", REGION: "eu" };

describe("BindingTable", () => {
  it("binds what is selected, enabled, addressed and has its credential", () => {
    const table = createTable(environment, "*,!simulated-*");
    table.load(
      toCatalog(
        { slug: "good" },
        { slug: "disabled", isDisabled: true },
        { slug: "simulated-a" },
        { slug: "keyless", envNames: ["NOT_SET"] },
        { slug: "open", envNames: [] },
        { slug: "region", baseUrl: `https://\${REGION}.acme.test/v1` },
        { slug: "nowhere", baseUrl: `https://\${ACCOUNT}.acme.test/v1` },
      ),
    );
    expect(table.slugs).toEqual(["good", "open", "region"]);
    expect(table.get("region")?.address.origin).toBe("https://eu.acme.test");
    expect(table.get("good")?.address.basePath).toBe("/v1");
  });

  it("sends the credential and the operator's headers, and none that are ours to choose", () => {
    const table = createTable(environment);
    table.load(toCatalog({ headers: { "X-Team": "a", "Accept-Encoding": "gzip", Host: "evil" } }));
    const headers = table.get("acme")?.address.headers ?? [];
    expect(headers).toEqual([
      "user-agent",
      "fairlead",
      "accept-encoding",
      "identity",
      "authorization",
      "Bearer sk-1",
      "x-team",
      "a",
    ]);
  });

  it("names the providers whose credential changed and keeps their calls counted", () => {
    const values: Record<string, string> = { ...environment };
    const table = createTable(values);
    const catalog = toCatalog({ slug: "a" }, { slug: "b", envNames: [] });
    expect(table.load(catalog)).toEqual(["a"]);
    const limit = table.get("a")?.limit;
    limit?.enter({ slotTicket: undefined, takeSlot() {} });
    values.CANARY_KEY = "sk-2";
    expect(table.load(toCatalog({ slug: "a", concurrency: 1 }))).toEqual(["a"]);
    expect(table.get("a")?.limit).toBe(limit);
    expect(limit?.enter({ slotTicket: undefined, takeSlot() {} })).toBe("waiting");
    expect(table.get("b")).toBeUndefined();
  });
});
