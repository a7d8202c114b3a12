import { type Attributes, ValueType } from "@opentelemetry/api";
import {
  AggregationTemporality,
  type CollectionResult,
  DataPointType,
  type MetricData,
  type MetricProducer,
} from "@opentelemetry/sdk-metrics";
import { emptyResource } from "@opentelemetry/resources";

/** Label sets of one histogram; further ones are counted together as "other". */
const SERIES_MAX = 2_000;
const OTHER = "other";

export interface HistogramOptions {
  readonly description: string;
  readonly unit: string;
  /** Upper bounds of the buckets, ascending; a last one without bound is added. */
  readonly bounds: readonly number[];
  /** Names of the attributes, in the order in which `record` takes their values. */
  readonly labels?: readonly string[];
}

interface Series {
  readonly attributes: Attributes;
  readonly counts: number[];
  count: number;
  sum: number;
}

const histograms: Histogram[] = [];
const startedAt: [number, number] = toTime(Date.now());

/**
 * A histogram for the hot path. OpenTelemetry's own sorts and serialises the attributes at each
 * value; this one finds its series by the joined label values. It is exported all the same, by
 * {@link histogramProducer}.
 */
export class Histogram {
  readonly #name: string;
  readonly #options: HistogramOptions;
  readonly #series = new Map<string, Series>();

  constructor(name: string, options: HistogramOptions) {
    this.#name = name;
    this.#options = options;
  }

  /** `values` are those of the labels, in their order. */
  record(value: number, ...values: readonly string[]): void {
    const series = this.#series.get(values.join("\n")) ?? this.#addSeries(values);
    series.count += 1;
    series.sum += value;
    const index = findBucket(this.#options.bounds, value);
    series.counts[index] = (series.counts[index] ?? 0) + 1;
  }

  /** What has been recorded since the start, in the form that exporters read. */
  collect(endTime: [number, number]): MetricData {
    const { description, unit, bounds } = this.#options;
    return {
      descriptor: { name: this.#name, description, unit, valueType: ValueType.DOUBLE },
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
      dataPointType: DataPointType.HISTOGRAM,
      dataPoints: [...this.#series.values()].map(({ attributes, counts, count, sum }) => ({
        attributes,
        startTime: startedAt,
        endTime,
        value: { buckets: { boundaries: [...bounds], counts: [...counts] }, count, sum },
      })),
    };
  }

  #addSeries(values: readonly string[]): Series {
    const { labels = [], bounds } = this.#options;
    const isFull = this.#series.size >= SERIES_MAX;
    const kept = isFull ? labels.map(() => OTHER) : values;
    const key = kept.join("\n");
    const known = this.#series.get(key);
    if (known !== undefined) {
      return known;
    }
    const series: Series = {
      attributes: Object.fromEntries(labels.map((label, index) => [label, kept[index] ?? ""])),
      counts: new Array<number>(bounds.length + 1).fill(0),
      count: 0,
      sum: 0,
    };
    this.#series.set(key, series);
    return series;
  }
}

export function createHistogram(name: string, options: HistogramOptions): Histogram {
  const histogram = new Histogram(name, options);
  histograms.push(histogram);
  return histogram;
}

/** Gives the exporter what the histograms of this process have counted. */
export const histogramProducer: MetricProducer = {
  async collect(): Promise<CollectionResult> {
    const endTime = toTime(Date.now());
    const metrics = histograms.map((histogram) => histogram.collect(endTime));
    return {
      resourceMetrics: {
        resource: emptyResource(),
        scopeMetrics: [{ scope: { name: "fairlead" }, metrics }],
      },
      errors: [],
    };
  },
};

/** Index of the first bound that is not below the value, as the conventions count. */
function findBucket(bounds: readonly number[], value: number): number {
  let low = 0;
  let high = bounds.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value <= (bounds[middle] ?? 0)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

function toTime(milliseconds: number): [number, number] {
  const seconds = Math.floor(milliseconds / 1_000);
  return [seconds, (milliseconds - seconds * 1_000) * 1_000_000];
}
