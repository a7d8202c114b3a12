import { parseArgs } from "node:util";
import { z } from "zod";

const optionsSchema = z.object({
  rounds: z.coerce.number().int().min(1).max(100).default(5),
  /** Length of one measurement. */
  seconds: z.coerce.number().min(0.2).max(600).default(4),
  /** Row names; all when absent. */
  rows: z.array(z.string()).optional(),
  /** Streams held open at once by the row `streams`. */
  streams: z.coerce.number().int().min(1).max(50_000).default(1000),
  /** Measure the platform that `npm start` runs, instead of starting one. */
  isAttached: z.boolean(),
  /** Start the services with a CPU profiler and say where the time goes. */
  isProfiled: z.boolean(),
  /** Exit with 1 when a budget is missed. */
  isChecked: z.boolean(),
});

export type Options = z.output<typeof optionsSchema>;

export const USAGE = `npm run bench -- [--rounds 5] [--seconds 4] [--rows throughput,latency]
                  [--streams 1000] [--attach] [--profile] [--check]`;

export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string" },
      seconds: { type: "string" },
      rows: { type: "string" },
      streams: { type: "string" },
      attach: { type: "boolean", default: false },
      profile: { type: "boolean", default: false },
      check: { type: "boolean", default: false },
    },
  });
  return optionsSchema.parse({
    rounds: values.rounds,
    seconds: values.seconds,
    rows: values.rows?.split(",").map((row) => row.trim()),
    streams: values.streams,
    isAttached: values.attach,
    isProfiled: values.profile,
    isChecked: values.check,
  });
}
