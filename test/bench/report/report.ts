import { median, spread } from "../measure/median.ts";
import type { Budget, Figure } from "../rows/row.ts";

export type Verdict = "goal" | "kept" | "missed" | "";

/** A figure as it is printed and kept. */
export interface ReportedFigure {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  /** Largest distance of a round from the median, as a share. */
  readonly spread: number;
  readonly direct: number | null;
  readonly bare: number | null;
  readonly budget: Budget | null;
  readonly verdict: Verdict;
  readonly rounds: readonly number[];
  readonly detail: Readonly<Record<string, number>>;
}

export interface Report {
  readonly startedAt: string;
  readonly machine: Readonly<Record<string, string | number>>;
  readonly options: unknown;
  readonly figures: readonly ReportedFigure[];
  readonly skipped: readonly { readonly row: string; readonly reason: string }[];
}

export function reportFigure(figure: Figure): ReportedFigure {
  const value = median(figure.values);
  return {
    name: figure.name,
    unit: figure.unit,
    value,
    spread: spread(figure.values),
    direct: figure.direct === undefined ? null : median(figure.direct),
    bare: figure.bare === undefined ? null : median(figure.bare),
    budget: figure.budget ?? null,
    verdict: figure.budget === undefined ? "" : judge(value, figure.budget),
    rounds: figure.values,
    detail: figure.detail ?? {},
  };
}

function judge(value: number, { limit, goal, wants }: Budget): Verdict {
  const isWithin = (bound: number): boolean => (wants === "more" ? value >= bound : value <= bound);
  if (isWithin(goal)) {
    return "goal";
  }
  return isWithin(limit) ? "kept" : "missed";
}
