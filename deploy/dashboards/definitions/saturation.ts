import type { DashboardDefinition } from "../define-dashboard.ts";

const SERIES = "{{job}} {{instance}}";

export const saturation: DashboardDefinition = {
  uid: "fairlead-saturation",
  title: "Fairlead / Saturation",
  description: "What runs out first: event loops, streams, CPU, memory, connections, queues.",
  rows: [
    {
      title: "Processes",
      panels: [
        {
          title: "Event-loop delay p99",
          unit: "s",
          targets: [["nodejs_eventloop_delay_p99_seconds{%}", SERIES]],
        },
        {
          title: "Event-loop utilization",
          description: "A process has one event loop: at 1 it can do no more.",
          unit: "percentunit",
          targets: [["nodejs_eventloop_utilization_ratio{%}", SERIES]],
        },
        {
          title: "CPU",
          unit: "short",
          targets: [["rate(process_cpu_time_seconds_total{%}[$__rate_interval])", SERIES]],
        },
        {
          title: "Memory",
          unit: "bytes",
          targets: [["process_memory_usage_bytes{%}", SERIES]],
        },
        {
          title: "Ready",
          unit: "short",
          targets: [["sum by (job) (fairlead_ready{%})", "{{job}}"]],
        },
        {
          title: "Dependencies that do not answer",
          unit: "short",
          targets: [
            [
              "sum by (job, dependency) (1 - fairlead_dependency_ready{%}) > 0",
              "{{job}}: {{dependency}}",
            ],
          ],
        },
      ],
    },
    {
      title: "Streams and calls",
      panels: [
        {
          title: "Open streams by gateway",
          unit: "short",
          targets: [["fairlead_gateway_streams{%}", "{{instance}}"]],
        },
        {
          title: "Calls in flight by worker",
          unit: "short",
          targets: [["fairlead_adapter_streams{%}", "{{instance}}"]],
        },
        {
          title: "Calls that wait for a slot",
          unit: "short",
          targets: [["fairlead_adapter_queue{%}", "{{instance}}"]],
        },
        {
          title: "Requests that wait for a router or a worker",
          unit: "short",
          targets: [
            ["fairlead_gateway_plans_waiting{%}", "{{instance}} router"],
            ["fairlead_gateway_workers_waiting{%}", "{{instance}} worker"],
          ],
        },
        {
          title: "Keys looked up: waiting, and refused the wait",
          unit: "short",
          targets: [
            ["fairlead_gateway_key_lookups_waiting{%}", "{{instance}} waiting"],
            [
              "sum by (instance) (increase(fairlead_gateway_key_lookups_hurried_total{%}[$__rate_interval]))",
              "{{instance}} refused",
            ],
          ],
        },
      ],
    },
    {
      title: "Connections",
      panels: [
        {
          title: "To providers",
          unit: "short",
          targets: [["fairlead_adapter_upstream_connections{%}", "{{instance}}"]],
        },
        {
          title: "To Postgres",
          unit: "short",
          targets: [
            [
              "sum by (instance, db_client_connection_state) (db_client_connection_count{%})",
              "{{instance}} {{db_client_connection_state}}",
            ],
            [
              "sum by (instance) (db_client_connection_pending_requests{%})",
              "{{instance}} waiting",
            ],
          ],
        },
        {
          title: "Links: bytes queued",
          unit: "bytes",
          targets: [["sum by (job, role) (fairlead_link_queue_bytes{%})", "{{job}} {{role}}"]],
        },
        {
          title: "Links: bytes/s",
          unit: "Bps",
          targets: [
            [
              "sum by (job, direction) (rate(fairlead_link_io_bytes_total{%}[$__rate_interval]))",
              "{{job}} {{direction}}",
            ],
          ],
        },
        {
          title: "Links: slowest ping",
          unit: "s",
          targets: [
            ["max by (job, role) (fairlead_link_keepalive_rtt_seconds{%})", "{{job}} {{role}}"],
          ],
        },
        {
          title: "Links: broken, opened again, refused for lack of room",
          unit: "short",
          targets: [
            [
              "sum by (job) (increase(fairlead_link_resets_total{%}[$__rate_interval]))",
              "{{job}} broken",
            ],
            [
              "sum by (job) (increase(fairlead_link_reconnects_total{%}[$__rate_interval]))",
              "{{job}} again",
            ],
            [
              "sum by (job) (increase(fairlead_link_overflows_total{%}[$__rate_interval]))",
              "{{job}} refused",
            ],
          ],
        },
        {
          title: "Certificates end in",
          unit: "s",
          targets: [
            ["min by (job) (fairlead_tls_certificate_expiry_seconds{%}) - time()", "{{job}}"],
          ],
        },
      ],
    },
  ],
};
