import type { Generator } from "../load-generator/generator.ts";
import type { ChatTarget } from "../load-generator/write-request.ts";
import type { NamedProcess } from "../measure/cpu.ts";
import type { Options } from "../options.ts";

/** What rows measure with: both ways to the same simulator, and the processes in between. */
export interface Bench {
  readonly direct: ChatTarget;
  readonly platform: ChatTarget;
  /** A relay without any feature, to tell what the machine takes of everybody. */
  readonly bare: ChatTarget;
  readonly simulatorUrl: string;
  /** All of the platform: services, NATS, Postgres. Neither simulator nor load generator. */
  readonly processes: readonly NamedProcess[];
  readonly bareProcesses: readonly NamedProcess[];
  /** `host:port` of the router and the ledger, the URL of NATS; absent where not known. */
  readonly addresses: Readonly<Partial<Record<"router" | "ledger" | "nats", string>>>;
  readonly generator: Generator;
  readonly options: Options;
}

export type Unit = "requests/s" | "events/s" | "µs" | "ms" | "MB" | "stalls";

export interface Budget {
  /** What a release has to keep. */
  readonly limit: number;
  /** What the design aims for. */
  readonly goal: number;
  /** Which side of it is good. */
  readonly wants: "more" | "less";
}

/** One measured figure: one value for each round. */
export interface Figure {
  readonly name: string;
  readonly unit: Unit;
  readonly values: readonly number[];
  readonly budget?: Budget;
  /** The same, straight to the simulator. */
  readonly direct?: readonly number[];
  /** The same of the bare relay. */
  readonly bare?: readonly number[];
  /** What stands behind it, for the JSON: CPU by service, for example. */
  readonly detail?: Readonly<Record<string, number>>;
  readonly note?: string;
}

export interface Row {
  readonly name: string;
  /** Rejects with SkippedRow when it can not be measured here. */
  run(bench: Bench): Promise<readonly Figure[]>;
}

/** A row that can not be measured on this platform, and why. */
export class SkippedRow extends Error {
  override readonly name = "SkippedRow";
}
