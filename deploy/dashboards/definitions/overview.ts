import type { DashboardDefinition } from "../define-dashboard.ts";

const requests = "http_server_request_duration_seconds";
const calls = "gen_ai_server_request_duration_seconds";

export const overview: DashboardDefinition = {
  uid: "fairlead-overview",
  title: "Fairlead / Overview",
  description: "Rate, errors and duration by route, model and provider.",
  rows: [
    {
      title: "Now",
      panels: [
        {
          title: "Requests",
          kind: "stat",
          unit: "reqps",
          width: 4,
          targets: [[`sum(rate(${requests}_count{%}[$__rate_interval]))`, ""]],
        },
        {
          title: "Answered with 5xx",
          kind: "stat",
          unit: "percentunit",
          width: 4,
          redFrom: 0.0005,
          targets: [
            [
              `(sum(rate(${requests}_count{%, http_response_status_code=~"5.."}[$__rate_interval])) or vector(0)) / sum(rate(${requests}_count{%}[$__rate_interval]))`,
              "",
            ],
          ],
        },
        {
          title: "Requests in flight",
          kind: "stat",
          unit: "short",
          width: 4,
          targets: [["sum(fairlead_gateway_requests{%})", ""]],
        },
        {
          title: "Error budget burn, 1 h",
          description: "1 uses the budget just up; 14.4 pages. Recorded by deploy/alerts.",
          unit: "short",
          width: 12,
          targets: [["fairlead:budget_burn:rate1h", "{{slo}}"]],
        },
      ],
    },
    {
      title: "By route",
      panels: [
        {
          title: "Rate",
          unit: "reqps",
          targets: [
            [
              `sum by (http_route) (rate(${requests}_count{%}[$__rate_interval]))`,
              "{{http_route}}",
            ],
          ],
        },
        {
          title: "Answers by status",
          unit: "reqps",
          isStacked: true,
          targets: [
            [
              `sum by (http_response_status_code) (rate(${requests}_count{%}[$__rate_interval]))`,
              "{{http_response_status_code}}",
            ],
          ],
        },
        {
          title: "Duration p99",
          description: "A stream lasts until its last byte.",
          unit: "s",
          targets: [
            [
              `histogram_quantile(0.99, sum by (le, http_route) (rate(${requests}_bucket{%}[$__rate_interval])))`,
              "{{http_route}}",
            ],
          ],
        },
      ],
    },
    {
      title: "By model",
      panels: [
        {
          title: "Rate",
          unit: "reqps",
          targets: [
            [
              `topk(15, sum by (gen_ai_request_model) (rate(${calls}_count{%}[$__rate_interval])))`,
              "{{gen_ai_request_model}}",
            ],
          ],
        },
        {
          title: "Errors",
          unit: "reqps",
          targets: [
            [
              `topk(15, sum by (gen_ai_request_model, error_type) (rate(${calls}_count{%, error_type!=""}[$__rate_interval])))`,
              "{{gen_ai_request_model}} {{error_type}}",
            ],
          ],
        },
        {
          title: "Duration p95",
          unit: "s",
          targets: [
            [
              `topk(15, histogram_quantile(0.95, sum by (le, gen_ai_request_model) (rate(${calls}_bucket{%}[$__rate_interval]))))`,
              "{{gen_ai_request_model}}",
            ],
          ],
        },
      ],
    },
    {
      title: "By provider that answered",
      panels: [
        {
          title: "Rate",
          unit: "reqps",
          targets: [
            [
              `topk(15, sum by (gen_ai_provider_name) (rate(${calls}_count{%}[$__rate_interval])))`,
              "{{gen_ai_provider_name}}",
            ],
          ],
        },
        {
          title: "Errors",
          unit: "reqps",
          targets: [
            [
              `sum by (gen_ai_provider_name, error_type) (rate(${calls}_count{%, error_type!=""}[$__rate_interval]))`,
              "{{gen_ai_provider_name}} {{error_type}}",
            ],
          ],
        },
        {
          title: "Refused, broken off, failed over",
          unit: "reqps",
          targets: [
            [
              "sum by (error_type) (rate(fairlead_gateway_rejected_total{%}[$__rate_interval]))",
              "refused: {{error_type}}",
            ],
            [
              "sum by (error_type) (rate(fairlead_gateway_streams_broken_total{%}[$__rate_interval]))",
              "stream broken off: {{error_type}}",
            ],
            ["sum(rate(fairlead_gateway_failovers_total{%}[$__rate_interval]))", "failed over"],
          ],
        },
      ],
    },
  ],
};
