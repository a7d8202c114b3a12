const placeholder = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** Names that a base URL needs values for: `https://${AZURE_RESOURCE_NAME}.…` → the one name. */
export function listUrlVariables(baseUrl: string): string[] {
  return [...baseUrl.matchAll(placeholder)].map((match) => match[1] ?? "");
}

/** Fills `${NAME}` placeholders in; undefined when a value is missing or empty. */
export function expandBaseUrl(
  baseUrl: string,
  values: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (listUrlVariables(baseUrl).some((name) => !values[name])) {
    return undefined;
  }
  return baseUrl.replace(placeholder, (_, name: string) => values[name] ?? "").replace(/\/+$/, "");
}
