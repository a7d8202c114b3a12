import { type ReportedFigure, reportFigure } from "./report/report.ts";
import { writeNumber } from "./report/write-table.ts";
import { type Bench, type Row, SkippedRow } from "./rows/row.ts";

export interface RowResults {
  readonly figures: readonly ReportedFigure[];
  readonly skipped: readonly { readonly row: string; readonly reason: string }[];
}

/** Measures one row after the other. A row that fails is reported, and the rest still runs. */
export async function runRows(rows: readonly Row[], bench: Bench): Promise<RowResults> {
  const figures: ReportedFigure[] = [];
  const skipped: { row: string; reason: string }[] = [];
  for (const row of rows) {
    process.stderr.write(`${row.name} …\n`);
    try {
      for (const figure of await row.run(bench)) {
        const reported = reportFigure(figure);
        figures.push(reported);
        process.stderr.write(
          `  ${reported.name}: ${writeNumber(reported.value)} ${reported.unit}\n`,
        );
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      skipped.push({
        row: row.name,
        reason: error instanceof SkippedRow ? reason : `failed: ${reason}`,
      });
      process.stderr.write(`  ${reason}\n`);
    }
  }
  return { figures, skipped };
}
