import { bursts, paced } from "./events.ts";
import { failover } from "./failover.ts";
import { firstToken } from "./first-token.ts";
import { idle } from "./idle.ts";
import { largePrompt } from "./large-prompt.ts";
import { latency } from "./latency.ts";
import { openStreams } from "./open-streams.ts";
import { pacedLatency } from "./paced-latency.ts";
import { plan } from "./plan.ts";
import type { Row } from "./row.ts";
import { settle } from "./settle.ts";
import { throughput } from "./throughput.ts";

/** In the order in which they run: throughput warms up for all that come after it. */
export const rows: readonly Row[] = [
  idle,
  throughput,
  latency,
  firstToken,
  bursts,
  paced,
  failover,
  largePrompt,
  pacedLatency,
  openStreams,
  plan,
  settle,
];
