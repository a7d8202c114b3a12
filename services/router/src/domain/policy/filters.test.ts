import { describe, expect, it } from "vitest";
import { createFixture, type EndpointFacts } from "./plan-fixture.ts";

const endpoints: EndpointFacts[] = [
  { provider: "alpha", providerName: "Alpha AI", contextLength: 4_000, quantization: "fp8" },
  { provider: "beta/turbo", quantization: "mxfp8", collectsData: false },
  { provider: "beta/priority", maxCompletionTokens: 100, isZeroRetention: true },
  { provider: "gamma", supportedParameters: ["max_tokens", "seed"], promptPico: 5_000_000n },
  { provider: "delta", inputModalities: ["text", "image"], quantization: "bf16" },
  { provider: "absent" },
  { provider: "off", isDisabled: true },
];

const fixture = createFixture(endpoints);
const served = (request: Parameters<typeof fixture.order>[0]) => fixture.order(request).sort();

describe("the hard filters", () => {
  it("leaves out what is switched off or has no worker, and says so when asked", () => {
    const planned = fixture.run({ explain: true });
    expect(planned.candidates).toHaveLength(5);
    expect(planned.exclusions.map((e) => `${e.routed.endpoint.provider}:${e.reason}`)).toEqual([
      "off:disabled",
      "absent:no_worker",
    ]);
    expect(fixture.run({}).exclusions).toEqual([]);
  });

  it("matches a base slug with its variants, but not with service tiers; display names too", () => {
    expect(served({ provider: { only: ["beta"] } })).toEqual(["beta/turbo"]);
    expect(served({ provider: { only: ["beta/priority"] } })).toEqual(["beta/priority"]);
    expect(served({ provider: { only: ["Alpha AI", "GAMMA"] } })).toEqual(["alpha", "gamma"]);
    expect(served({ provider: { ignore: ["beta", "alpha"] } })).toEqual([
      "beta/priority",
      "delta",
      "gamma",
    ]);
  });

  it("checks prompt and completion against the endpoint's own context", () => {
    expect(served({ promptTokens: 3_900n, maxTokens: 200n })).not.toContain("alpha");
    expect(served({ promptTokens: 3_900n, maxTokens: 90n })).toContain("alpha");
  });

  it("takes larger limits on max_tokens first and clamps to the rest", () => {
    expect(served({ maxTokens: 101n })).not.toContain("beta/priority");
    const only = { provider: { only: ["beta/priority"] }, maxTokens: 101n };
    expect(served(only)).toEqual(["beta/priority"]);
  });

  it("knows the quantizations that one name stands for", () => {
    expect(served({ provider: { quantizations: ["fp8"] } })).toEqual(["alpha", "beta/turbo"]);
  });

  it("believes of data only what an operator vouches for", () => {
    expect(served({ provider: { denyDataCollection: true } })).toEqual(["beta/turbo"]);
    expect(served({ provider: { zdr: true } })).toEqual(["beta/priority"]);
  });

  it("passes over endpoints that lack tools or a format, and drops what can be dropped", () => {
    expect(served({ parameters: ["tools"] })).not.toContain("gamma");
    expect(served({ parameters: ["response_format"] })).not.toContain("gamma");
    const planned = fixture.run({ parameters: ["temperature", "seed", "unheard_of"] });
    const gamma = planned.candidates.find((c) => c.routed.endpoint.provider === "gamma");
    expect(gamma?.unsupported).not.toBe(0);
    expect(planned.candidates).toHaveLength(5);
    expect(served({ parameters: ["seed"], provider: { requireParameters: true } })).toEqual([
      "gamma",
    ]);
  });

  it("compares max_price with every rate", () => {
    expect(served({ provider: { maxPrice: { promptPico: 2_000_000n } } })).not.toContain("gamma");
  });

  it("needs every modality of the content", () => {
    expect(served({ inputModalities: ["image"] })).toEqual(["delta"]);
  });
});

describe("the message without a candidate", () => {
  const cases: [string, Parameters<typeof fixture.run>[0], string, string][] = [
    ["unknown model", { models: ["acme/x"] }, "model_unknown", "acme/x is not a valid model ID"],
    [
      "free variant that nobody serves",
      { models: ["acme/one:free"] },
      "no_provider",
      "No endpoints found for acme/one:free.",
    ],
    [
      "only",
      { provider: { only: ["nobody"] } },
      "constraints",
      "No allowed providers are available for the selected model. provider.only is [nobody].",
    ],
    [
      "tools",
      { provider: { only: ["gamma"] }, parameters: ["tools"] },
      "constraints",
      "No endpoints found that support tool use",
    ],
    [
      "image",
      { provider: { only: ["gamma"] }, inputModalities: ["image"] },
      "constraints",
      "gamma",
    ],
    ["video", { inputModalities: ["video"] }, "constraints", "that support video input"],
    [
      "context",
      { promptTokens: 90_000n },
      "context_length",
      "maximum context length is 8000 tokens. However, you requested about 90000 tokens",
    ],
    ["price", { provider: { maxPrice: { promptPico: 1n } } }, "constraints", "max_price"],
  ];

  it.each(cases)("%s", (_, request, noCandidate, message) => {
    const planned = fixture.run(request);
    expect(planned.candidates).toEqual([]);
    expect(planned.noCandidate).toBe(noCandidate);
    if (message !== "gamma") {
      expect(planned.message).toContain(message);
    }
  });

  it("names the providers that would serve it when none is switched on", () => {
    const lonely = createFixture([{ provider: "absent" }]).run({});
    expect(lonely.noCandidate).toBe("no_provider");
    expect(lonely.message).toContain("none of them switched on here: absent");
  });
});
