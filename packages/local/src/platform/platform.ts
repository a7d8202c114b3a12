import type { AppError } from "@fairlead/errors";
import type { TraceStore } from "../traces/trace-store.ts";

export interface PlatformProcess {
  readonly name: string;
  readonly pid: number;
  /** By what they serve: `{ grpc: 20123, ops: 20124 }`. */
  readonly ports: Readonly<Record<string, number>>;
}

/** What `.fairlead/dev.json` says while a platform runs. */
export interface PlatformAddresses {
  /** Of the gateway, without a path: APIs are below `/api/v1` and `/v1`. */
  readonly baseUrl: string;
  readonly consoleUrl: string;
  /** With $100 of credit. */
  readonly apiKey: string;
  readonly managementKey: string;
  readonly postgresUrl: string;
  readonly natsUrl: string;
  /** Where traces are sent. */
  readonly otlpUrl: string;
  /** Base addresses by name; `/control` below them counts and scripts. */
  readonly simulators: Readonly<Record<string, string>>;
}

/** A platform that runs on this machine, in processes of its own. */
export interface Platform extends PlatformAddresses {
  /** The folder that holds its state. */
  readonly home: string;
  processes(): PlatformProcess[];
  /** Sends a signal to a process; the supervisor starts again what dies of it. */
  kill(name: string, signal?: NodeJS.Signals): void;
  /** Resolves when that process is ready, also after it was killed. */
  whenReady(name: string): Promise<void>;
  /** Stops it politely and starts it again on the same ports. */
  restart(name: string): Promise<void>;
  /** What the services have sent to the receiver here; empty when they send elsewhere. */
  readonly traces: TraceStore;
  /** Resolves when a process cannot be kept running. */
  readonly failed: Promise<AppError>;
  /** Ends all of it; the state stays. */
  stop(): Promise<void>;
}

export interface PlatformOptions {
  /** Default: FAIRLEAD_HOME, or `.fairlead` in the clone. */
  readonly home?: string;
  /** Of the gateway; 0 takes a free one. Default: FAIRLEAD_PORT, or 8080. */
  readonly port?: number;
  /** Over the variables of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** By process: arguments of Node, such as `--cpu-prof`. */
  readonly nodeArgs?: Readonly<Record<string, readonly string[]>>;
  /** Tells what takes long and what goes wrong; silent unless given. */
  readonly notice?: (text: string) => void;
  /** Aborts the start. */
  readonly signal?: AbortSignal;
}
