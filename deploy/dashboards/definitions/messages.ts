import type { DashboardDefinition } from "../define-dashboard.ts";

export const messages: DashboardDefinition = {
  uid: "fairlead-messages",
  title: "Fairlead / JetStream and bills",
  description: "Streams and consumers as the ledger reads them, and what waits in the services.",
  rows: [
    {
      title: "JetStream, read every 10 s",
      panels: [
        {
          title: "Not given to the consumer yet",
          unit: "short",
          targets: [
            [
              "max by (stream, consumer) (fairlead_bus_consumer_pending{%})",
              "{{stream}} → {{consumer}}",
            ],
          ],
        },
        {
          title: "Given and not acknowledged",
          unit: "short",
          targets: [
            ["max by (stream, consumer) (fairlead_bus_consumer_ack_pending{%})", "{{consumer}}"],
            [
              "max by (stream, consumer) (fairlead_bus_consumer_redelivered{%})",
              "{{consumer}}: more than once",
            ],
          ],
        },
        {
          title: "How full the streams are",
          description:
            "FAIRLEAD_HEALTH drops its oldest messages; FAIRLEAD_USAGE refuses new ones.",
          unit: "percentunit",
          targets: [
            [
              "max by (stream) (fairlead_bus_stream_size_bytes{%} / fairlead_bus_stream_limit_bytes{%})",
              "{{stream}}",
            ],
          ],
        },
        {
          title: "Messages kept",
          unit: "short",
          targets: [["max by (stream) (fairlead_bus_stream_messages{%})", "{{stream}}"]],
        },
        {
          title: "Messages by what became of them",
          unit: "short",
          targets: [
            [
              "sum by (outcome) (rate(fairlead_bus_messages_total{%}[$__rate_interval]))",
              "{{outcome}}",
            ],
          ],
        },
        {
          title: "Connections",
          unit: "short",
          targets: [
            ["sum by (job) (fairlead_bus_connected{%})", "{{job}}: connected"],
            [
              "sum by (job) (increase(fairlead_bus_reconnects_total{%}[$__rate_interval]))",
              "{{job}}: came back",
            ],
          ],
        },
      ],
    },
    {
      title: "Waiting elsewhere",
      panels: [
        {
          title: "Bills in gateways",
          unit: "short",
          targets: [["fairlead_gateway_outbox_depth{%}", "{{instance}}"]],
        },
        {
          title: "Bills on gateways' disks",
          unit: "bytes",
          targets: [["fairlead_gateway_spool_size_bytes{%}", "{{instance}}"]],
        },
        {
          title: "Bills in workers",
          unit: "short",
          targets: [
            ["sum(fairlead_adapter_bills_unacknowledged{%})", "not acknowledged by a gateway"],
            ["sum(fairlead_adapter_bills_orphaned{%})", "orphaned, not stored"],
          ],
        },
        {
          title: "Announcements in the ledger's outbox",
          unit: "short",
          targets: [["max(fairlead_ledger_outbox_depth{%})", "waiting"]],
        },
        {
          title: "Age of the oldest announcement",
          unit: "s",
          targets: [["max(fairlead_ledger_outbox_age_seconds{%})", "age"]],
        },
      ],
    },
  ],
};
