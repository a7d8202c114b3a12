import type { Leash } from "./leash.ts";

/** How one process of the platform is started, found ready and ended. */
export interface ProcessSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** The user to run as; only root can choose. */
  readonly uid?: number;
  readonly gid?: number;
  /** By what they serve: `{ grpc: 20123, ops: 20124 }`. */
  readonly ports: Readonly<Record<string, number>>;
  /** Ends it politely. */
  readonly stopSignal: NodeJS.Signals;
  /** After this it is killed. */
  readonly stopTimeoutMs: number;
  /** Whether it is up. Asked every few milliseconds until it says yes. */
  isReady(signal: AbortSignal): Promise<boolean>;
  /** What it waits for while it is not ready, for the message that says so. */
  explain?(): Promise<string | undefined>;
  /** Each line that it prints. */
  onLine?(line: string): void;
  /** Before each start, the first and every one after a crash. The leash is for what it runs. */
  prepare?(leash: Leash): Promise<void>;
}
