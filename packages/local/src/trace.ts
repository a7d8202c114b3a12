import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { AppError } from "@fairlead/errors";
import { z } from "zod";
import { findHome } from "./config.ts";
import { describeError } from "./terminal.ts";
import { renderWaterfall } from "./traces/render-waterfall.ts";
import type { Trace } from "./traces/span.ts";

const TIMEOUT_MS = 5_000;
/** Services send their spans once a second: what has just happened may still be on its way. */
const ATTEMPTS = 3;
const PAUSE_MS = 700;
const WIDTH_WITHOUT_TERMINAL = 120;

const devFile = z.object({ otlpUrl: z.url() });

/** `npm run trace [id]`: a request's way through the platform, by trace or generation id. */
async function main(id = "last"): Promise<void> {
  const url = `${readReceiver()}/traces/${encodeURIComponent(id)}`;
  const trace = await fetchTrace(url);
  if (trace === undefined) {
    throw new AppError(
      "not_found",
      id === "last"
        ? "There is no trace yet: send a request first, such as the curl line that `npm start` prints."
        : `There is no trace ${id}: the last 1,000 are kept, and a share of the requests under load.`,
    );
  }
  const { isTTY, columns } = process.stdout;
  const options = { width: columns ?? WIDTH_WITHOUT_TERMINAL, hasColor: isTTY === true };
  console.log(renderWaterfall(trace, options));
}

function readReceiver(): string {
  const path = join(findHome(), "dev.json");
  try {
    return devFile.parse(JSON.parse(readFileSync(path, "utf8"))).otlpUrl;
  } catch (error) {
    throw new AppError(
      "unavailable",
      `No platform runs in ${findHome()}: start one with \`npm start\`, or set FAIRLEAD_HOME to that of the one that runs.`,
      { cause: error },
    );
  }
}

async function fetchTrace(url: string): Promise<Trace | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(
      (error: unknown) => {
        throw new AppError(
          "unavailable",
          "The trace receiver does not answer: traces are kept only by `npm start` without OTEL_EXPORTER_OTLP_ENDPOINT.",
          { cause: error },
        );
      },
    );
    if (response.ok) {
      return (await response.json()) as Trace;
    }
    await response.body?.cancel();
    if (attempt === ATTEMPTS) {
      return undefined;
    }
    await delay(PAUSE_MS);
  }
}

try {
  await main(process.argv[2]);
} catch (error) {
  console.error(describeError(error));
  process.exitCode = 1;
}
