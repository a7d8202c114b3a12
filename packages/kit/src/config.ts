import { readFileSync } from "node:fs";
import { z } from "zod";

/** If one of a group is set, all must be. */
const together = [
  ["GRPC_TLS_CERT", "GRPC_TLS_KEY", "GRPC_TLS_CA"],
  ["NATS_TLS_CERT", "NATS_TLS_KEY"],
];
/** If the first is set, the second must be. */
const required = [["NATS_TLS_CERT", "NATS_TLS_CA"]] as const;

/** sysexits.h EX_CONFIG: the process was configured wrongly. */
const EXIT_CONFIG = 78;
const FILE_SUFFIX = "_FILE";
const addressPattern = /^[^\s:]+:\d+$|^\[.+\]:\d+$/;
/** What documentation shows, and what is typed to get on: a generated value is none of these. */
const refusedSecrets =
  /^(secret|password|test|default|none|todo)|change[-_ ]?me|example|replace[-_ ]?(me|this)|placeholder|your[-_ ]/i;
/** Of 32 random hex digits, there are fewer only once in millions. */
const DISTINCT_MIN = 8;

/** A secret that must be long and must not be one of those that documentation shows. */
export function secret(bytesMin = 32): z.ZodString {
  return z
    .string()
    .min(
      bytesMin,
      `must be at least ${bytesMin} characters: generate one with \`openssl rand -hex 32\``,
    )
    .refine(
      (value) => !refusedSecrets.test(value) && new Set(value).size >= DISTINCT_MIN,
      "is an example value: generate one with `openssl rand -hex 32`",
    );
}

/** A whole number within bounds, from its decimal text. */
export function integer(min: number, max: number): z.ZodCoercedNumber {
  return z.coerce.number().int().min(min).max(max);
}

/** host:port, or several separated by commas. */
export function addresses() {
  return z
    .string()
    .min(1)
    .transform((text) => text.split(",").map((address) => address.trim()))
    .refine((list) => list.every((address) => addressPattern.test(address)), {
      message: "must be host:port, or several separated by commas",
    });
}

/** What every service takes; each extends it in its own config.ts. */
export const baseConfig = z.object({
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal"]).default("info"),
  GRPC_HOST: z.string().min(1).default("0.0.0.0"),
  GRPC_PORT: integer(0, 65_535).default(50_051),
  OPS_HOST: z.string().min(1).default("0.0.0.0"),
  OPS_PORT: integer(0, 65_535).default(9_090),
  NATS_URL: z.string().min(1).default("nats://127.0.0.1:4222"),
  /**
   * Copies of each message in the bus's streams: the same for every service, since each sets it.
   */
  NATS_REPLICAS: integer(1, 5).default(1),
  /** PEM files; all three: mutual TLS on every gRPC server and client of the process. */
  GRPC_TLS_CERT: z.string().min(1).optional(),
  GRPC_TLS_KEY: z.string().min(1).optional(),
  GRPC_TLS_CA: z.string().min(1).optional(),
  /** PEM file of who signed the NATS server's certificate: TLS to NATS, and nothing else. */
  NATS_TLS_CA: z.string().min(1).optional(),
  /** PEM files, where NATS asks for the client's certificate too. */
  NATS_TLS_CERT: z.string().min(1).optional(),
  NATS_TLS_KEY: z.string().min(1).optional(),
  /** OTLP over HTTP, such as http://collector:4318; no traces are exported without it. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
  /** Share of requests traced beyond TRACE_SAMPLE_PER_SECOND. */
  TRACE_SAMPLE_RATIO: z.coerce.number().min(0).max(1).default(0.01),
  /** Requests traced each second whatever the ratio, so that a quiet system shows every one. */
  TRACE_SAMPLE_PER_SECOND: z.coerce.number().min(0).max(1_000).default(10),
  /** Between "not ready" and the start of the drain: time for peers to notice. */
  DRAIN_DELAY_MS: integer(0, 120_000).default(0),
  /** Open calls that last longer than this after the drain began are cut. */
  DRAIN_TIMEOUT_MS: integer(0, 3_600_000).default(30_000),
});

export type BaseConfig = z.output<typeof baseConfig>;

/**
 * Reads the environment through one schema. `NAME_FILE` names a file that holds the value of
 * `NAME`, so that secrets need not stand in the environment. All faults are printed at once, then
 * the process exits with 78.
 */
export function loadConfig<T extends z.ZodObject>(
  schema: T,
  environment: NodeJS.ProcessEnv = process.env,
): z.output<T> {
  const faults: string[] = [];
  const values = withFiles(environment, Object.keys(schema.shape), faults);
  const parsed = schema.safeParse(values);
  if (!parsed.success) {
    faults.push(...parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`));
  }
  faults.push(...findMissing(values));
  if (faults.length > 0 || !parsed.success) {
    console.error(`The configuration has ${faults.length} fault(s):\n  ${faults.join("\n  ")}`);
    process.exit(EXIT_CONFIG);
  }
  return parsed.data;
}

function findMissing(values: Readonly<Record<string, string>>): string[] {
  const faults: string[] = [];
  for (const group of together) {
    const present = group.filter((name) => values[name] !== undefined);
    const missing = group.filter((name) => values[name] === undefined);
    if (present.length > 0) {
      const list = group.join(", ");
      faults.push(
        ...missing.map((name) => `${name}: is missing; set all of ${list}, or none of them`),
      );
    }
  }
  for (const [name, other] of required) {
    if (values[name] !== undefined && values[other] === undefined) {
      faults.push(`${other}: is missing; ${name} needs it`);
    }
  }
  return faults;
}

function withFiles(
  environment: NodeJS.ProcessEnv,
  names: readonly string[],
  faults: string[],
): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    // An empty variable is how shells and charts say "not set".
    if (value !== undefined && value !== "") {
      values[name] = value;
    }
  }
  for (const name of names) {
    const path = values[name + FILE_SUFFIX];
    if (path === undefined || values[name] !== undefined) {
      continue;
    }
    try {
      values[name] = readFileSync(path, "utf8").trim();
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code ?? "unreadable";
      faults.push(`${name}${FILE_SUFFIX}: the file cannot be read (${reason})`);
    }
  }
  return values;
}
