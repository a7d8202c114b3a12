import type { IncomingMessage, ServerResponse } from "node:http";
import { attr, createHistogram, metric } from "@fairlead/kit";
import { prefixes } from "./app.ts";

/** Those of OpenTelemetry's HTTP conventions, and some for streams. */
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120, 600];
const methods = new Set(["GET", "HEAD", "POST"]);
const OTHER = "_OTHER";
const UNANSWERED = "499";

/**
 * Returns what watches one request to its end. Every label has a closed set of values: unknown
 * paths and methods are counted together.
 */
export function createHttpMetrics(
  routes: readonly string[],
): (request: IncomingMessage, response: ServerResponse) => void {
  const histogram = createHistogram(metric.httpServerRequestDuration, {
    description: "HTTP requests from their head to the end of their answer",
    unit: "s",
    bounds,
    labels: [attr.httpRequestMethod, attr.httpRoute, attr.httpResponseStatusCode],
  });
  const findRoute = createRouteFinder(routes);
  return (request, response) => {
    const startedMs = performance.now();
    response.once("close", () => {
      const { method = "" } = request;
      // A client that left before the answer began has seen no status.
      const status = response.headersSent ? String(response.statusCode) : UNANSWERED;
      histogram.record(
        (performance.now() - startedMs) / 1_000,
        methods.has(method) ? method : OTHER,
        findRoute(request.url ?? ""),
        status,
      );
    });
  };
}

/** The route as it is declared, without the prefix: both prefixes are one API. */
function createRouteFinder(routes: readonly string[]): (url: string) => string {
  const exact = new Map<string, string>();
  const patterns: [RegExp, string][] = [];
  for (const route of routes) {
    for (const prefix of prefixes) {
      exact.set(prefix + route, route);
    }
    if (route.includes("/:")) {
      const pattern = route.replaceAll(/\/:[a-z]+/g, "/[^/]+");
      patterns.push([new RegExp(`^(?:${prefixes.join("|")})${pattern}$`), route]);
    }
  }
  return (url) => {
    const known = exact.get(url);
    if (known !== undefined) {
      return known;
    }
    const end = url.indexOf("?");
    const path = end < 0 ? url : url.slice(0, end);
    return exact.get(path) ?? patterns.find(([pattern]) => pattern.test(path))?.[1] ?? OTHER;
  };
}
