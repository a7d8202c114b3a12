/** What is wrong with an operator's file, and where. Lines and columns count from 1. */
export interface CatalogFault {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** JSON path such as `providers[0].models[2].price.prompt`; "" = the whole file. */
  readonly field: string;
  /** What is wrong and what to do. */
  readonly problem: string;
}

/** `catalog.yaml:12:5: providers[0].dialect: …`, the form that editors make links of. */
export function formatFault(fault: CatalogFault): string {
  const field = fault.field === "" ? "" : `${fault.field}: `;
  return `${fault.file}:${fault.line}:${fault.column}: ${field}${fault.problem}`;
}
