import type { DashboardDefinition } from "../define-dashboard.ts";

const firstToken = "gen_ai_server_time_to_first_token_seconds";
const perToken = "gen_ai_server_time_per_output_token_seconds";
const usage = "gen_ai_client_token_usage";

function quantile(share: number, metric: string, by: string): string {
  return `histogram_quantile(${share}, sum by (le, ${by}) (rate(${metric}_bucket{%}[$__rate_interval])))`;
}

export const tokens: DashboardDefinition = {
  uid: "fairlead-tokens",
  title: "Fairlead / Tokens and latency",
  description: "Time to first token, tokens per second, and what the platform adds.",
  rows: [
    {
      title: "Time to first token",
      panels: [
        {
          title: "All models",
          kind: "heatmap",
          unit: "short",
          targets: [
            [`sum by (le) (increase(${firstToken}_bucket{%}[$__rate_interval]))`, "{{le}}"],
          ],
        },
        {
          title: "p95 by model",
          unit: "s",
          targets: [
            [
              `topk(15, ${quantile(0.95, firstToken, "gen_ai_request_model")})`,
              "{{gen_ai_request_model}}",
            ],
          ],
        },
        {
          title: "p95 by provider",
          unit: "s",
          targets: [
            [
              `topk(15, ${quantile(0.95, firstToken, "gen_ai_provider_name")})`,
              "{{gen_ai_provider_name}}",
            ],
          ],
        },
      ],
    },
    {
      title: "Speed",
      panels: [
        {
          title: "Time between tokens of a stream, p50 by model",
          unit: "s",
          targets: [
            [
              `topk(15, ${quantile(0.5, perToken, "gen_ai_request_model")})`,
              "{{gen_ai_request_model}}",
            ],
          ],
        },
        {
          title: "Output tokens/s in all, by provider",
          unit: "short",
          isStacked: true,
          targets: [
            [
              `sum by (gen_ai_provider_name) (rate(${usage}_sum{%, gen_ai_token_type="output"}[$__rate_interval]))`,
              "{{gen_ai_provider_name}}",
            ],
          ],
        },
        {
          title: "Tokens/s by kind",
          unit: "short",
          isStacked: true,
          targets: [
            [
              `sum by (gen_ai_token_type) (rate(${usage}_sum{%}[$__rate_interval]))`,
              "{{gen_ai_token_type}}",
            ],
          ],
        },
      ],
    },
    {
      title: "What the platform adds",
      panels: [
        {
          title: "To whole answers",
          description: "Beyond the worker's call of the provider, at the first attempt.",
          unit: "s",
          targets: [0.5, 0.99].map((share) => [
            `histogram_quantile(${share}, sum by (le) (rate(fairlead_gateway_overhead_seconds_bucket{%}[$__rate_interval])))`,
            `p${share * 100}`,
          ]),
        },
        {
          title: "To the first token of streams",
          unit: "s",
          targets: [0.5, 0.99].map((share) => [
            `histogram_quantile(${share}, sum by (le) (rate(fairlead_gateway_first_token_overhead_seconds_bucket{%}[$__rate_interval])))`,
            `p${share * 100}`,
          ]),
        },
        {
          title: "Router: time for a plan",
          unit: "s",
          targets: [0.5, 0.99].map((share) => [
            `histogram_quantile(${share}, sum by (le) (rate(fairlead_router_plan_duration_seconds_bucket{%}[$__rate_interval])))`,
            `p${share * 100}`,
          ]),
        },
      ],
    },
  ],
};
