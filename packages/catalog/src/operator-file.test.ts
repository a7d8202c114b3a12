import { describe, expect, it } from "vitest";
import { formatFault } from "./catalog-fault.ts";
import { parseOperatorFile } from "./operator-file.ts";

function explain(source: string): string[] {
  return parseOperatorFile(source, "catalog.yaml").faults.map(formatFault);
}

describe("parseOperatorFile", () => {
  it("takes an empty file", () => {
    expect(parseOperatorFile("", "catalog.yaml").file?.document).toEqual({});
  });

  it("reports every fault at once with its line, column and field", () => {
    const source = [
      "providers:",
      "  - id: Rack vLLM",
      "    dialect: soap",
      "    base_url: ftp://10.0.0.7/v1",
      "    api_key: sk-1234",
      "    concurrency: 0",
      "    models:",
      "      - id: llama",
      "        price: { prompt: -1, completion: cheap }",
      "        contextlength: 5",
    ].join("\n");
    expect(explain(source)).toEqual([
      "catalog.yaml:2:9: providers[0].id: is not a slug: use lower-case letters, digits, dots and dashes",
      "catalog.yaml:3:14: providers[0].dialect: is unknown: use one of openai, anthropic, gemini",
      'catalog.yaml:4:15: providers[0].base_url: "ftp://10.0.0.7/v1" is not an http or https URL: write one such as https://host/v1',
      "catalog.yaml:5:14: providers[0].api_key: must be { env: NAME } or { file: /path }: the key itself never stands in this file",
      "catalog.yaml:6:18: providers[0].concurrency: must be at least 1",
      "catalog.yaml:8:13: providers[0].models[0].id: is not a model id: write author/slug in lower case, such as acme/llama-8b",
      'catalog.yaml:9:26: providers[0].models[0].price.prompt: "-1" is not a price: write USD per million tokens, with at most 6 decimal places, as a decimal of at least 0, such as "0.15"',
      'catalog.yaml:9:42: providers[0].models[0].price.completion: "cheap" is not a price: write USD per million tokens, with at most 6 decimal places, as a decimal of at least 0, such as "0.15"',
      "catalog.yaml:10:24: providers[0].models[0].contextlength: is not a field of this file: remove it or correct its name",
    ]);
  });

  it.each([
    [
      "models: [{ id: a/b, price: { prompt: 1 } }]",
      /^[^ ]+ providers\[0\]\.models\[0\]\.price\.completion: is missing: write USD per million tokens/,
    ],
    [
      "models: [{ id: a/b, price: { prompt: .inf, completion: 1 } }]",
      /price\.prompt: "Infinity" is not a price: write USD per million tokens/,
    ],
    [
      "models: [{ id: a/b, price: { prompt: [1], completion: 1 } }]",
      /price\.prompt: is not a price: write USD per million tokens/,
    ],
    ["models: [{ id: a/b, context_length: .inf }]", /context_length: must be a whole number/],
    ["models: [{ id: a/b, context_length: 1.5 }]", /context_length: must be a whole number/],
    ["models: [{ upstream: x }]", /models\[0\]\.id: is missing: give it as a string/],
    ['headers: { X-A: "a\\nb" }', /headers\.X-A: must be one line of printable characters/],
    ["headers: { X A: b }", /headers\.X A: is not the name of a header: use letters, digits/],
    ['base_url: "https://host/v1?key=1"', /base_url: holds a query or a fragment/],
    ['base_url: "https://host/v1#top"', /base_url: holds a query or a fragment/],
  ])("says what to do about %s", (field, message) => {
    const [fault, ...others] = explain(`providers: [{ id: acme, ${field} }]`);
    expect(fault).toMatch(message);
    expect(others).toEqual([]);
  });

  it("locates a fault of YAML itself", () => {
    expect(explain("providers:\n  - id: [open\n")[0]).toMatch(
      /^catalog\.yaml:\d+:\d+: is not valid YAML/,
    );
  });

  it("refuses credentials in a base URL and takes placeholders", () => {
    const withUrl = (url: string) => explain(`providers: [{ id: a, base_url: "${url}" }]`);
    expect(withUrl("https://user:pass@host/v1")[0]).toContain("put them in api_key");
    expect(withUrl("https://$" + "{HOST}.example.com/v1")).toEqual([]);
  });

  it("refuses anchors that multiply", () => {
    const lines = ["a: &a [x,x,x,x,x,x,x,x,x]"];
    for (const [name, of] of ["ba", "cb", "dc"].map((pair) => [...pair])) {
      lines.push(`${name}: &${name} [${Array(9).fill(`*${of}`).join(",")}]`);
    }
    expect(explain(lines.join("\n")).join()).toContain("write the values out");
  });
});
