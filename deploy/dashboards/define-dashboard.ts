/** A query and how its series are named, with labels in double braces. */
export type Target = readonly [expression: string, legend: string];

export interface PanelDefinition {
  readonly title: string;
  /** What to make of it, where the title does not say. */
  readonly description?: string;
  /** One of Grafana's unit ids; nano-USD are divided in the query. */
  readonly unit: string;
  readonly kind?: "timeseries" | "stat" | "heatmap";
  /** Columns of 24; 8 unless given. */
  readonly width?: number;
  readonly isStacked?: boolean;
  /** For a stat: values from which it is red. */
  readonly redFrom?: number;
  readonly targets: readonly Target[];
}

export interface DashboardDefinition {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly rows: readonly { readonly title: string; readonly panels: readonly PanelDefinition[] }[];
}

/** In a query, stands for the job and the instances that the reader chose. */
const CHOSEN = "%";
const selection = 'job=~"$job", instance=~"$instance"';
const SCHEMA_VERSION = 41;
const COLUMNS = 24;
const DEFAULT_WIDTH = 8;
const HEIGHT = 8;
const datasource = { type: "prometheus", uid: "$datasource" };

/** The dashboard as Grafana imports it: without an id, bound to no data source. */
export function defineDashboard(definition: DashboardDefinition): object {
  const panels: object[] = [];
  let y = 0;
  for (const row of definition.rows) {
    panels.push({
      type: "row",
      title: row.title,
      collapsed: false,
      gridPos: { h: 1, w: COLUMNS, x: 0, y },
      panels: [],
    });
    y += 1;
    let x = 0;
    for (const panel of row.panels) {
      const width = panel.width ?? DEFAULT_WIDTH;
      if (x + width > COLUMNS) {
        x = 0;
        y += HEIGHT;
      }
      panels.push(definePanel(panel, { h: HEIGHT, w: width, x, y }));
      x += width;
    }
    y += HEIGHT;
  }
  return {
    uid: definition.uid,
    title: definition.title,
    description: definition.description,
    tags: ["fairlead"],
    schemaVersion: SCHEMA_VERSION,
    editable: true,
    graphTooltip: 1,
    refresh: "30s",
    time: { from: "now-3h", to: "now" },
    timezone: "",
    links: [
      {
        type: "dashboards",
        title: "Fairlead",
        tags: ["fairlead"],
        asDropdown: true,
        keepTime: true,
        includeVars: true,
      },
    ],
    templating: { list: variables },
    panels: panels.map((panel, index) => ({ ...panel, id: index + 1 })),
  };
}

const chooseMany = {
  type: "query",
  datasource,
  includeAll: true,
  multi: true,
  allValue: ".*",
  current: { text: "All", value: "$__all" },
  refresh: 2,
  sort: 1,
};

const variables = [
  { type: "datasource", name: "datasource", label: "Data source", query: "prometheus", refresh: 1 },
  {
    ...chooseMany,
    name: "job",
    label: "Job",
    query: 'label_values(target_info{service_namespace="fairlead"}, job)',
  },
  {
    ...chooseMany,
    name: "instance",
    label: "Instance",
    query: 'label_values(target_info{service_namespace="fairlead", job=~"$job"}, instance)',
  },
];

function definePanel(panel: PanelDefinition, gridPos: object): object {
  const { kind = "timeseries", title, description = "" } = panel;
  return {
    type: kind,
    title,
    description,
    datasource,
    gridPos,
    targets: panel.targets.map(([expression, legend], index) => ({
      refId: String.fromCharCode("A".charCodeAt(0) + index),
      datasource,
      expr: expression.replaceAll(CHOSEN, selection),
      legendFormat: legend,
      range: true,
      ...(kind === "heatmap" && { format: "heatmap" }),
    })),
    fieldConfig: { defaults: defineField(panel), overrides: [] },
    options: defineOptions(kind),
  };
}

function defineField({ unit, redFrom, isStacked = false }: PanelDefinition): object {
  const steps = [
    { color: "green", value: null },
    ...(redFrom === undefined ? [] : [{ color: "red", value: redFrom }]),
  ];
  return {
    unit,
    thresholds: { mode: "absolute", steps },
    custom: {
      fillOpacity: isStacked ? 30 : 10,
      showPoints: "never",
      axisSoftMin: 0,
      stacking: { mode: isStacked ? "normal" : "none", group: "A" },
    },
  };
}

function defineOptions(kind: string): object {
  switch (kind) {
    case "stat":
      return { reduceOptions: { calcs: ["lastNotNull"] }, colorMode: "value", graphMode: "area" };
    case "heatmap":
      return { calculate: false, yAxis: { unit: "s" }, color: { scheme: "Oranges", steps: 64 } };
    default:
      return {
        legend: { displayMode: "table", placement: "bottom", calcs: ["lastNotNull", "max"] },
        tooltip: { mode: "multi", sort: "desc" },
      };
  }
}
