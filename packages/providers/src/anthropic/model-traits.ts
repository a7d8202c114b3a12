/** How a Claude model differs from the ones before it in what it takes; the rest is refused, 400. */
export interface ModelTraits {
  /** Thinks by an effort (`adaptive`) instead of a budget in tokens. */
  readonly isAdaptive: boolean;
  /** Has the effort `xhigh`. */
  readonly takesXhigh: boolean;
  /**
   * How to say that it is not to think. `nothing`: it does not unless it is told to. `impossible`:
   * it always does. Else the `type` to send; `between_tools` is the least that such a model does.
   */
  readonly off: "nothing" | "disabled" | "between_tools" | "impossible";
  /** Takes no temperature, top_p or top_k but the default. */
  readonly hasFixedSampling: boolean;
  /** Can be made to call a tool, … */
  readonly takesForcedTool: boolean;
  /** … and thinks before it does. */
  readonly thinksBeforeForcedTool: boolean;
}

/**
 * From Anthropic's guides to adaptive thinking and its "What's new" of each model. Later versions
 * of a family are taken for the last one known.
 */
export function readTraits(upstreamModel: string): ModelTraits {
  const { family, version } = readName(upstreamModel);
  const isMythos = family === "fable" || family === "mythos";
  return {
    isAdaptive: version >= 406,
    takesXhigh: version >= 407,
    off: isMythos ? "impossible" : findOff(family, version),
    hasFixedSampling: version >= 407,
    takesForcedTool: version < (isMythos ? 501 : 505) || family === "haiku",
    thinksBeforeForcedTool: version >= 408,
  };
}

function findOff(family: string, version: number): ModelTraits["off"] {
  if (version < 500) {
    return "nothing";
  }
  if (version < 505) {
    return "disabled";
  }
  switch (family) {
    case "opus":
      return "impossible";
    case "sonnet":
      return "between_tools";
    default:
      return "disabled";
  }
}

/**
 * 406 for claude-opus-4-6, 500 for claude-sonnet-5; 0 for names that put the number first. A
 * preview without a number is of its family's first generation.
 */
function readName(upstreamModel: string): { readonly family: string; readonly version: number } {
  const match = /claude-([a-z]+)-(?:(\d{1,2})(?:[-.](\d{1,2}))?(?:\D|$)|preview)/.exec(
    upstreamModel,
  );
  if (match === null) {
    return { family: "", version: 0 };
  }
  const [, family = "", major = "5", minor = "0"] = match;
  return { family, version: Number(major) * 100 + Number(minor) };
}
