import { parser } from "@prometheus-io/lezer-promql";

/** What a query reads: a metric, and the labels that it selects series by. */
export interface Selector {
  readonly metric: string;
  readonly labels: readonly string[];
}

export interface QueryFacts {
  readonly selectors: readonly Selector[];
  /** Labels that series are grouped or joined by. */
  readonly groupedBy: readonly string[];
}

type Tree = ReturnType<typeof parser.parse>;
type Node = Tree["topNode"];

/** Reads a query by Prometheus' own grammar. Throws with the place where it is no PromQL. */
export function readQuery(query: string): QueryFacts {
  const selectors: Selector[] = [];
  const groupedBy: string[] = [];
  const textOf = ({ from, to }: Node) => query.slice(from, to);
  parser.parse(query).iterate({
    enter({ node, type }) {
      if (type.isError) {
        throw new Error(`no PromQL at character ${node.from}: ${query}`);
      }
      if (node.name === "VectorSelector") {
        const metric = node.getChild("Identifier");
        if (metric === null) {
          throw new Error(`a selector without a metric: ${query}`);
        }
        selectors.push({ metric: textOf(metric), labels: readLabels(node).map(textOf) });
      } else if (node.name === "GroupingLabels") {
        groupedBy.push(...node.getChildren("LabelName").map(textOf));
      }
    },
  });
  return { selectors, groupedBy };
}

function readLabels(selector: Node): Node[] {
  const matchers = selector.getChild("LabelMatchers")?.getChildren("UnquotedLabelMatcher") ?? [];
  return matchers.flatMap((matcher) => matcher.getChildren("LabelName"));
}
