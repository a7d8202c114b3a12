import { parseArgs } from "node:util";
import { z } from "zod";

const configSchema = z.object({
  /** 0 takes a free port; the one taken is printed. */
  PORT: z.coerce.number().int().min(0).max(65_535).default(9100),
  HOST: z.string().min(1).default("127.0.0.1"),
  /** On SIGTERM: how long it still takes connections, until nobody makes new ones. */
  DRAIN_DELAY_MS: z.coerce.number().int().min(0).max(120_000).default(0),
  /** After it: how long open answers may take. */
  DRAIN_TIMEOUT_MS: z.coerce.number().int().min(0).max(3_600_000).default(0),
  /** Recordings to replay; none when absent. */
  FIXTURES_DIR: z.string().min(1).optional(),
});

export type Config = z.output<typeof configSchema>;

/** From the environment, and over it from `--port`, `--host` and `--fixtures-dir`. */
export function readConfig(
  environment: NodeJS.ProcessEnv = process.env,
  args: readonly string[] = process.argv.slice(2),
): Config {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: "string" },
      host: { type: "string" },
      "fixtures-dir": { type: "string" },
    },
  });
  const result = configSchema.safeParse({
    PORT: values.port ?? environment.PORT,
    HOST: values.host ?? environment.HOST,
    DRAIN_DELAY_MS: environment.DRAIN_DELAY_MS,
    DRAIN_TIMEOUT_MS: environment.DRAIN_TIMEOUT_MS,
    FIXTURES_DIR: values["fixtures-dir"] ?? environment.FIXTURES_DIR,
  });
  if (!result.success) {
    throw new Error(`The simulator's configuration is wrong:\n${z.prettifyError(result.error)}`);
  }
  return result.data;
}
