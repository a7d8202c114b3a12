/** Arguments of helm-docs, from the root of the repository, for the README of the umbrella. */
export const documentCommand = [
  "--chart-search-root=charts",
  "--chart-to-generate=charts/fairlead",
  "--document-dependency-values",
  "--log-level=error",
] as const;
