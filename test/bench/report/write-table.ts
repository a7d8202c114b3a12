import type { Report, ReportedFigure } from "./report.ts";

const HEADINGS = ["", "measured", "±", "direct", "bare", "budget", "goal", ""] as const;

/** The report as a table for the terminal, with the parts of each figure below. */
export function writeTable({ figures, skipped }: Report): string {
  const cells = [HEADINGS, ...figures.map(writeCells)];
  const widths = HEADINGS.map((_, column) =>
    Math.max(...cells.map((row) => (row[column] ?? "").length)),
  );
  const lines = cells.map((row) =>
    row
      .map((cell, column) => pad(cell, widths[column] ?? 0, column === 0))
      .join("  ")
      .trimEnd(),
  );
  const details = figures
    .filter(({ detail }) => Object.keys(detail).length > 0)
    .map(({ name, detail }) => `  ${name}: ${writeDetail(detail)}`);
  const reasons = skipped.map(({ row, reason }) => `  ${row} skipped: ${reason}`);
  return [...lines, "", ...details, ...reasons, ""].join("\n");
}

function writeCells(figure: ReportedFigure): readonly string[] {
  const { budget } = figure;
  const sign = budget?.wants === "more" ? "≥" : "≤";
  return [
    figure.name,
    `${writeNumber(figure.value)} ${figure.unit}`,
    `${Math.round(figure.spread * 100)} %`,
    figure.direct === null ? "" : writeNumber(figure.direct),
    figure.bare === null ? "" : writeNumber(figure.bare),
    budget === null ? "" : `${sign} ${budget.limit}`,
    budget === null ? "" : `${sign} ${budget.goal}`,
    figure.verdict,
  ];
}

function writeDetail(detail: Readonly<Record<string, number>>): string {
  return Object.entries(detail)
    .sort(([, left], [, right]) => right - left)
    .map(([name, value]) => `${name} ${writeNumber(value)}`)
    .join(", ");
}

export function writeNumber(value: number): string {
  if (Number.isNaN(value)) {
    return "–";
  }
  const size = Math.abs(value);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : 2;
  return value.toFixed(digits);
}

function pad(cell: string, width: number, isLeft: boolean): string {
  return isLeft ? cell.padEnd(width) : cell.padStart(width);
}
