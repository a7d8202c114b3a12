import type { DashboardDefinition } from "../define-dashboard.ts";

/** Amounts are nano-USD. */
const USD = "/ 1e9";

export const money: DashboardDefinition = {
  uid: "fairlead-money",
  title: "Fairlead / Money",
  description: "Spend, holds, leases, suspense, imbalance, and how far bills are behind.",
  rows: [
    {
      title: "Must be zero",
      panels: [
        {
          title: "Imbalance, nano-USD",
          description: "Any amount is a fault.",
          kind: "stat",
          unit: "short",
          width: 6,
          redFrom: 1,
          targets: [["max by (kind) (abs(fairlead_ledger_imbalance_nano_usd{%}))", "{{kind}}"]],
        },
        {
          title: "Suspense",
          kind: "stat",
          unit: "currencyUSD",
          width: 6,
          redFrom: 1e-9,
          targets: [[`max(fairlead_ledger_balance_nano_usd{%, book="suspense"}) ${USD}`, ""]],
        },
        {
          title: "Bills put aside",
          kind: "stat",
          unit: "short",
          width: 6,
          redFrom: 1,
          targets: [["max(fairlead_ledger_poison{%})", ""]],
        },
        {
          title: "Bills lost by gateways",
          kind: "stat",
          unit: "short",
          width: 6,
          redFrom: 1,
          targets: [["sum(increase(fairlead_gateway_outbox_lost_total{%}[$__range]))", ""]],
        },
        {
          title: "Lost attempts perhaps billed",
          description:
            "Failed before their first content with the way to their worker, which could not be told to forget them. One that died has nothing to bill.",
          kind: "stat",
          unit: "short",
          width: 6,
          targets: [["sum(increase(fairlead_gateway_disowned_lost_total{%}[$__range]))", ""]],
        },
      ],
    },
    {
      title: "Spend",
      panels: [
        {
          title: "Charged per hour, by model",
          unit: "currencyUSD",
          isStacked: true,
          targets: [
            [
              `topk(15, sum by (gen_ai_request_model) (rate(fairlead_gateway_cost_nano_usd_sum{%}[$__rate_interval]))) * 3600 ${USD}`,
              "{{gen_ai_request_model}}",
            ],
          ],
        },
        {
          title: "Charged per hour, by provider",
          unit: "currencyUSD",
          isStacked: true,
          targets: [
            [
              `topk(15, sum by (gen_ai_provider_name) (rate(fairlead_gateway_cost_nano_usd_sum{%}[$__rate_interval]))) * 3600 ${USD}`,
              "{{gen_ai_provider_name}}",
            ],
          ],
        },
        {
          title: "Books",
          description:
            "Revenue is all that was posted; payments is negative by what came in. The ledger does not post what providers charge yet: margin is revenue less their invoices.",
          unit: "currencyUSD",
          targets: [[`max by (book) (fairlead_ledger_balance_nano_usd{%}) ${USD}`, "{{book}}"]],
        },
        {
          title: "Used beyond any credit",
          unit: "currencyUSD",
          targets: [
            [
              `sum(increase(fairlead_ledger_usage_overspent_nano_usd_total{%}[$__rate_interval])) ${USD}`,
              "loss",
            ],
            [
              `sum(increase(fairlead_ledger_usage_late_nano_usd_total{%}[$__rate_interval])) ${USD}`,
              "paid out of suspense",
            ],
          ],
        },
      ],
    },
    {
      title: "Holds and leases",
      panels: [
        {
          title: "Held by open requests",
          unit: "currencyUSD",
          targets: [[`sum(fairlead_gateway_holds_amount_nano_usd{%}) ${USD}`, "held"]],
        },
        {
          title: "Out on lease, by state",
          unit: "currencyUSD",
          targets: [
            [`max by (state) (fairlead_ledger_leases_amount_nano_usd{%}) ${USD}`, "{{state}}"],
          ],
        },
        {
          title: "Leases and holds",
          unit: "short",
          targets: [
            ["max by (state) (fairlead_ledger_leases{%})", "ledger: {{state}}"],
            ["sum(fairlead_gateway_leases{%})", "gateways: leases"],
            ["sum(fairlead_gateway_leases_closing{%})", "gateways: being given back"],
            ["sum(fairlead_gateway_holds{%})", "gateways: holds"],
          ],
        },
        {
          title: "Leases that went wrong",
          unit: "short",
          targets: [
            ["sum(increase(fairlead_ledger_lease_expired_total{%}[$__rate_interval]))", "expired"],
            [
              "sum(increase(fairlead_ledger_lease_gaps_total{%}[$__rate_interval]))",
              "events missing",
            ],
          ],
        },
      ],
    },
    {
      title: "Ledger lag",
      panels: [
        {
          title: "From the end of a request to its posting",
          unit: "s",
          targets: [0.5, 0.99].map((share) => [
            `histogram_quantile(${share}, sum by (le) (rate(fairlead_ledger_usage_lag_seconds_bucket{%}[$__rate_interval])))`,
            `p${share * 100}`,
          ]),
        },
        {
          title: "Bills by what became of them",
          unit: "short",
          targets: [
            [
              "sum by (outcome) (rate(fairlead_ledger_usage_events_total{%}[$__rate_interval]))",
              "{{outcome}}",
            ],
          ],
        },
        {
          title: "Time of a posting",
          unit: "s",
          targets: [
            [
              "histogram_quantile(0.99, sum by (le) (rate(fairlead_ledger_posting_duration_seconds_bucket{%}[$__rate_interval])))",
              "p99",
            ],
          ],
        },
      ],
    },
  ],
};
