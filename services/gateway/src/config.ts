import { addresses, baseConfig, integer, secret } from "@fairlead/kit";
import { z } from "zod";

/** Every setting of the gateway. */
export const gatewayConfig = baseConfig.extend({
  HOST: z.string().min(1).default("0.0.0.0"),
  PORT: integer(0, 65_535).default(8_080),
  LEDGER_ADDRESS: z.string().min(1).default("127.0.0.1:50051"),
  /** A name may have several addresses, as a headless Service has: all are used. */
  ROUTER_ADDRESS: addresses().default(["127.0.0.1:50052"]),
  /** The ledger's: keys are looked up by their HMAC under it. */
  KEY_PEPPER: secret(),
  /** Bills that neither NATS nor the ledger takes wait here. */
  SPOOL_DIR: z.string().min(1).default("/tmp/fairlead-spool"),
  SPOOL_BYTES_MAX: integer(1_048_576, 1_099_511_627_776).default(268_435_456),
  BODY_BYTES_MAX: integer(1_024, 33_554_432).default(10_485_760),
  KEEP_ALIVE_COMMENT_MS: integer(100, 600_000).default(10_000),
  REQUEST_TIMEOUT_MS: integer(1_000, 86_400_000).default(900_000),
  SLOW_CLIENT_MS: integer(100, 3_600_000).default(30_000),
});
