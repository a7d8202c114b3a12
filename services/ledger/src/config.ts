import { baseConfig, integer, parseApiKey, secret } from "@fairlead/kit";
import { nanoFromUsd } from "@fairlead/pricing";
import { z } from "zod";
import { databaseUrl } from "./database-url.ts";

const nano = z.coerce.bigint().min(0n);

export const ledgerConfig = baseConfig.extend({
  /** postgres://user:password@host:5432/database, the primary. */
  DATABASE_URL: databaseUrl(),
  /**
   * At the start: how long to wait for Postgres to answer and to have the schema; 0 = not at all.
   */
  DATABASE_WAIT_MS: integer(0, 3_600_000).default(60_000),
  /** PEM file of who signed the server's certificate: TLS to Postgres, its name checked. */
  DATABASE_TLS_CA: z.string().min(1).optional(),
  DATABASE_POOL_MAX: integer(2, 200).default(10),
  DATABASE_STATEMENT_TIMEOUT_MS: integer(100, 600_000).default(10_000),
  /** HMAC key of the API keys; the gateways have the same one. */
  KEY_PEPPER: secret(),
  /** true: migrate, then serve. false: refuse to serve an old schema. */
  RUN_MIGRATIONS: z.enum(["true", "false"]).default("false"),
  /**
   * How much the stream of bills holds; JetStream needs room for twice as much. 64 MiB to 64 TiB.
   */
  USAGE_STREAM_MAX_BYTES: integer(67_108_864, 70_368_744_177_664).default(4_294_967_296),
  /** And how long: a database restored to an older time than that cannot be brought up to date. */
  USAGE_STREAM_MAX_AGE_DAYS: integer(1, 3_650).default(14),
  /** How long a gateway may admit on a lease. */
  LEASE_TTL_MS: integer(1_000, 3_600_000).default(60_000),
  /** After that, how long its open requests may still send their bills before it is suspended. */
  LEASE_GRACE_MS: integer(1_000, 86_400_000).default(900_000),
  /** Suspended credit that no bill explained for so long goes back to its account. */
  SUSPENSE_RELEASE_MS: integer(60_000, 2_592_000_000).default(86_400_000),
  LEASE_MAX_NANO: nano.default(100_000_000_000n),
  /** Accounts (and keys) with less than this are held request by request. */
  STRICT_BELOW_NANO: nano.default(1_000_000_000n),
});

/** What the migration job needs. */
export const databaseConfig = ledgerConfig.pick({
  LOG_LEVEL: true,
  DATABASE_URL: true,
  DATABASE_TLS_CA: true,
  DATABASE_WAIT_MS: true,
});

/** What the job takes that makes an operator's first key. */
export const createKeyConfig = databaseConfig.extend({
  KEY_PEPPER: ledgerConfig.shape.KEY_PEPPER,
  /** One account for each name. */
  ACCOUNT_NAME: z.string().min(1).max(200).default("default"),
  KEY_NAME: z.string().min(1).max(200).default("first key"),
  /** management: for administration alone, not for inference. */
  KEY_KIND: z.enum(["inference", "management"]).default("inference"),
  /**
   * The key's text, chosen by whoever keeps it (KEY_FILE). Without it one is minted and printed.
   */
  KEY: z
    .string()
    .refine((text) => parseApiKey(text) !== undefined, {
      message:
        "must be sk-fl-v1- (management: sk-fl-mgmt-v1-), 64 hex digits and the CRC-32 of all that in 8 more; leave it out to have one minted",
    })
    .optional(),
  /** Given to the account once, however often the job runs. */
  STARTING_CREDIT_USD: z.string().default("0").transform(readUsd),
});

export type CreateKeyConfig = z.output<typeof createKeyConfig>;

function readUsd(text: string, context: z.RefinementCtx): bigint {
  try {
    return nanoFromUsd(text);
  } catch {
    context.addIssue({
      code: "custom",
      message: "must be an amount in USD with at most nine decimal places, such as 25 or 0.5",
    });
    return z.NEVER;
  }
}
