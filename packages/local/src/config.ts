import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { AppError } from "@fairlead/errors";
import { z } from "zod";

/** The root of the clone. */
export const repository = fileURLToPath(new URL("../../../", import.meta.url));

const text = z.string().min(1).optional();
const environment = z.object({
  FAIRLEAD_HOME: text,
  FAIRLEAD_PORT: z.coerce.number().int().min(1).max(65_535).default(8_080),
  FAIRLEAD_CATALOG: text,
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//)
    .optional(),
  NATS_URL: text,
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
});

const remedies: Record<string, string> = {
  FAIRLEAD_PORT: "FAIRLEAD_PORT must be a port number between 1 and 65535.",
  DATABASE_URL: "DATABASE_URL must be an address such as postgres://user:password@host:5432/name.",
  OTEL_EXPORTER_OTLP_ENDPOINT:
    "OTEL_EXPORTER_OTLP_ENDPOINT must be an address such as http://127.0.0.1:4318.",
};

/** What the environment says about a platform on this machine. */
export interface LocalConfig {
  /** State, logs and fetched programs. */
  readonly home: string;
  /** The gateway's. */
  readonly port: number;
  /** The operator's own catalog files, joined by the platform's path delimiter. */
  readonly catalog: string | undefined;
  /** A PostgreSQL server that runs already. */
  readonly databaseUrl: string | undefined;
  /** A NATS server that runs already. */
  readonly natsUrl: string | undefined;
  /** Where traces go instead of to the receiver here. */
  readonly otlpEndpoint: string | undefined;
}

export function readConfig(variables: NodeJS.ProcessEnv = process.env): LocalConfig {
  // An empty variable is how shells say "not set".
  const set = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ""));
  const parsed = environment.safeParse(set);
  if (!parsed.success) {
    const name = String(parsed.error.issues[0]?.path[0]);
    throw new AppError("invalid_request", remedies[name] ?? `${name} is not valid.`);
  }
  const values = parsed.data;
  return {
    home: findHome(variables),
    port: values.FAIRLEAD_PORT,
    catalog: values.FAIRLEAD_CATALOG,
    databaseUrl: values.DATABASE_URL,
    natsUrl: values.NATS_URL,
    otlpEndpoint: values.OTEL_EXPORTER_OTLP_ENDPOINT,
  };
}

/** FAIRLEAD_HOME, or `.fairlead` in the clone. */
export function findHome(variables: NodeJS.ProcessEnv = process.env): string {
  const named = variables.FAIRLEAD_HOME;
  return resolve(repository, named === undefined || named === "" ? ".fairlead" : named);
}
