import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { adapterConfig } from "../../services/adapter/src/config.ts";
import { gatewayConfig } from "../../services/gateway/src/config.ts";
import { createKeyConfig, databaseConfig, ledgerConfig } from "../../services/ledger/src/config.ts";
import { config as proberConfig } from "../../services/prober/src/config.ts";
import { routerConfig } from "../../services/router/src/config.ts";
import { cases } from "./support/examples.ts";
import { charts, hasHelm } from "./support/helm.ts";
import { readPods, renderObjects } from "./support/objects.ts";
import { readSchema } from "./support/sync-definitions.ts";

/** By component: every variable that its process reads. */
const configs: Readonly<Record<string, { readonly shape: Readonly<Record<string, unknown>> }>> = {
  adapter: adapterConfig,
  gateway: gatewayConfig,
  ledger: ledgerConfig,
  migrate: databaseConfig,
  "first-key": createKeyConfig,
  prober: proberConfig,
  router: routerConfig,
};

/** Keys of providers have the names that the catalog gives them. */
const providerKey = /^[A-Z]+_API_KEY$/;

describe.skipIf(!hasHelm).each(cases)("variables of %s", (name) => {
  it("are all read by the process that gets them", () => {
    const known: string[] = [];
    for (const { labels, spec } of readPods(hasHelm ? renderObjects(name) : [])) {
      const component = labels["app.kubernetes.io/component"] ?? "";
      const shape = configs[component]?.shape;
      for (const variable of shape === undefined ? [] : (spec.containers[0]?.env ?? [])) {
        const plain = variable.name.replace(/_FILE$/, "");
        const isKey = component === "adapter" && providerKey.test(plain);
        expect(isKey || Object.hasOwn(shape ?? {}, plain), `${component} ${plain}`).toBe(true);
        known.push(plain);
      }
    }
    expect(known).toEqual(expect.arrayContaining(["NATS_URL", "KEY_PEPPER", "DATABASE_URL"]));
  });
});

describe("a pool", () => {
  it("may set no variable that the adapter reads for itself", () => {
    const template = readFileSync(join(charts, "adapter/templates/_check-pool.tpl"), "utf8");
    const [, pattern = ""] = /regexMatch "(\^[^"]+)"/.exec(template) ?? [];
    const open = Object.keys(adapterConfig.shape).filter((it) => !new RegExp(pattern).test(it));
    expect(pattern).not.toBe("");
    expect(open).toEqual([]);
  });
});

describe.each(["gateway", "router", "adapter", "ledger", "prober"])("settings of %s", (service) => {
  it("are settings that it has", () => {
    const { settings } = z
      .object({ settings: z.object({ properties: z.record(z.string(), z.unknown()) }) })
      .parse(readSchema(service).properties);
    const unknown = Object.keys(settings.properties).filter(
      (setting) => !Object.hasOwn(configs[service]?.shape ?? {}, setting),
    );
    expect(unknown).toEqual([]);
  });
});
