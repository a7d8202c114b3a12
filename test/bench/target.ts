import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { startPlatform } from "@fairlead/local";
import { z } from "zod";
import type { Address } from "./load-generator/job.ts";
import type { ChatTarget } from "./load-generator/write-request.ts";
import type { NamedProcess } from "./measure/cpu.ts";
import { FAIRLEAD_FOLDER } from "./paths.ts";
import type { Bench } from "./rows/row.ts";

const SERVICES = ["gateway", "router", "adapter-simulated", "adapter-default", "ledger", "prober"];
/** The other half of the test, not the platform. */
const SIMULATOR = "simulator";
const CHAT_PATH = "/api/v1/chat/completions";

/** A running platform, as the rows see it. */
export interface BenchTarget {
  readonly direct: ChatTarget;
  readonly platform: ChatTarget;
  readonly simulatorUrl: string;
  readonly processes: readonly NamedProcess[];
  readonly addresses: Bench["addresses"];
  /** Ends it, when it was started here. */
  stop(): Promise<void>;
}

const addressesSchema = z.object({
  baseUrl: z.string(),
  apiKey: z.string(),
  natsUrl: z.string(),
  simulators: z.record(z.string(), z.string()),
  processes: z.array(
    z.object({ name: z.string(), pid: z.number(), ports: z.record(z.string(), z.number()) }),
  ),
});

type Addresses = z.output<typeof addressesSchema>;

/** The platform that `npm start` runs. */
export function attachTarget(): BenchTarget {
  const path = join(FAIRLEAD_FOLDER, "dev.json");
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new Error(`--attach needs a running platform, and ${path} does not exist`, { cause });
  }
  return describeTarget(addressesSchema.parse(JSON.parse(text)), async () => {});
}

/** A platform of its own, with fresh state, so that no run inherits another's. */
export async function startTarget(
  profileFolder: string | undefined,
  signal: AbortSignal,
): Promise<BenchTarget> {
  const home = join(FAIRLEAD_FOLDER, "bench", `home-${process.pid}`);
  mkdirSync(home, { recursive: true });
  const profiler =
    profileFolder === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profileFolder}`];
  const platform = await startPlatform({
    home,
    port: 0,
    signal,
    nodeArgs: Object.fromEntries(SERVICES.map((name) => [name, profiler])),
    notice: (text) => process.stderr.write(`${text}\n`),
  });
  const stop = async (): Promise<void> => {
    await platform.stop();
    rmSync(home, { recursive: true, force: true });
  };
  return describeTarget({ ...platform, processes: platform.processes() }, stop);
}

function describeTarget(addresses: Addresses, stop: () => Promise<void>): BenchTarget {
  const [simulatorUrl] = Object.values(addresses.simulators);
  if (simulatorUrl === undefined) {
    throw new Error("the platform runs without a simulator: there is nothing to measure against");
  }
  return {
    simulatorUrl,
    direct: {
      address: readAddress(simulatorUrl),
      path: "/openai/v1/chat/completions",
      key: "sk-simulated",
      models: { fast: "sim-fast" },
    },
    platform: {
      address: readAddress(addresses.baseUrl),
      path: CHAT_PATH,
      key: addresses.apiKey,
      models: { fast: "simulated/fast", flaky: "simulated/flaky" },
    },
    addresses: {
      ...readGrpcAddress(addresses, "router"),
      ...readGrpcAddress(addresses, "ledger"),
      nats: addresses.natsUrl,
    },
    processes: addresses.processes.filter(({ name }) => name !== SIMULATOR),
    stop,
  };
}

function readGrpcAddress({ processes }: Addresses, name: "router" | "ledger") {
  const port = processes.find((candidate) => candidate.name === name)?.ports.grpc;
  return port === undefined ? {} : { [name]: `127.0.0.1:${port}` };
}

function readAddress(url: string): Address {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}
