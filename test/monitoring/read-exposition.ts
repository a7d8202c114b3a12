const SERIES = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+$/;
const LABEL = /([a-zA-Z_]\w*)="(?:[^"\\]|\\.)*"/g;

/** Adds the metrics of one scrape, in Prometheus' text format, with the labels that they have. */
export function readExposition(text: string, into: Map<string, Set<string>>): void {
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) {
      continue;
    }
    const [, metric, labels = ""] = SERIES.exec(line) ?? [];
    if (metric === undefined) {
      throw new Error(`no line of Prometheus' text format: ${line}`);
    }
    const known = into.get(metric) ?? new Set();
    for (const [, label = ""] of labels.matchAll(LABEL)) {
      known.add(label);
    }
    into.set(metric, known);
  }
}
