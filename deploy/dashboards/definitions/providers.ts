import type { DashboardDefinition } from "../define-dashboard.ts";

const calls = "gen_ai_client_operation_duration_seconds";

export const providers: DashboardDefinition = {
  uid: "fairlead-providers",
  title: "Fairlead / Providers",
  description: "Health and ejections as the routers see them, calls as the workers make them.",
  rows: [
    {
      title: "Health",
      panels: [
        {
          title: "Endpoints by band",
          description: "Routers count alike; the highest is shown.",
          unit: "short",
          isStacked: true,
          targets: [
            ["sum by (band) (max by (provider, band) (fairlead_router_endpoints{%}))", "{{band}}"],
          ],
        },
        {
          title: "Ejected or in an outage, by provider",
          unit: "short",
          targets: [
            [
              'max by (provider, band) (fairlead_router_endpoints{%, band=~"outage|ejected"}) > 0',
              "{{provider}} {{band}}",
            ],
          ],
        },
        {
          title: "Ejections",
          unit: "short",
          targets: [
            [
              "max by (provider) (increase(fairlead_router_ejections_total{%}[$__rate_interval]))",
              "{{provider}}",
            ],
          ],
        },
        {
          title: "Models with the fewest usable endpoints",
          unit: "short",
          targets: [
            [
              "bottomk(15, max by (model) (fairlead_router_model_usable_endpoints{%}))",
              "{{model}}",
            ],
          ],
        },
        {
          title: "Workers by pool",
          unit: "short",
          targets: [["max by (pool) (fairlead_router_workers{%})", "{{pool}}"]],
        },
        {
          title: "Probes",
          unit: "short",
          targets: [
            [
              "sum by (outcome) (rate(fairlead_prober_probes_total{%}[$__rate_interval]))",
              "{{outcome}}",
            ],
            ["sum(rate(fairlead_prober_round_failures_total{%}[$__rate_interval]))", "no router"],
          ],
        },
      ],
    },
    {
      title: "Calls, failed ones included",
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
          title: "Faults",
          unit: "reqps",
          targets: [
            [
              "sum by (gen_ai_provider_name, error_type) (rate(fairlead_adapter_faults_total{%}[$__rate_interval]))",
              "{{gen_ai_provider_name}} {{error_type}}",
            ],
          ],
        },
        {
          title: "Time to first chunk p95",
          unit: "s",
          targets: [
            [
              "topk(15, histogram_quantile(0.95, sum by (le, gen_ai_provider_name) (rate(gen_ai_client_operation_time_to_first_chunk_seconds_bucket{%}[$__rate_interval]))))",
              "{{gen_ai_provider_name}}",
            ],
          ],
        },
      ],
    },
    {
      title: "Plans",
      panels: [
        {
          title: "Plans by what came of them",
          description: "A strategy, or why there was no candidate. panic: everything was bad.",
          unit: "reqps",
          isStacked: true,
          targets: [
            [
              "sum by (outcome) (rate(fairlead_router_plans_total{%}[$__rate_interval]))",
              "{{outcome}}",
            ],
          ],
        },
        {
          title: "Old plans used because no router answered",
          unit: "reqps",
          targets: [
            ["sum(rate(fairlead_gateway_plan_fallbacks_total{%}[$__rate_interval]))", "plans"],
          ],
        },
        {
          title: "Catalog",
          unit: "short",
          targets: [
            ["max by (instance) (fairlead_router_catalog_endpoints{%})", "endpoints, {{instance}}"],
            ['count(count_values("version", fairlead_router_catalog_version{%}))', "versions"],
            [
              "sum by (outcome) (increase(fairlead_router_catalog_changes_total{%}[$__rate_interval]))",
              "edits {{outcome}}",
            ],
          ],
        },
      ],
    },
  ],
};
