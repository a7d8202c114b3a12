import type { HistogramData } from "./histogram.ts";

export interface Address {
  readonly host: string;
  readonly port: number;
}

interface BaseJob {
  readonly address: Address;
  /** The whole request, head and body, as it goes over the wire. */
  readonly request: string;
  readonly connections: number;
  readonly durationMs: number;
}

/** Each connection sends its next request when the last answer is complete. */
export interface ClosedLoopJob extends BaseJob {
  readonly kind: "closed";
  /** Stops after so many requests, should the time not be up. */
  readonly requestsMax?: number;
  /** Also gives every latency in order of completion. */
  readonly hasSamples?: boolean;
  /** A gap between two reads of one answer above this is a stall; 0 counts none. */
  readonly stallMs?: number;
}

/** Requests start at a fixed rate, whatever the answers do; latency counts from the due time. */
export interface OpenLoopJob extends BaseJob {
  readonly kind: "open";
  /** Requests per second. */
  readonly rate: number;
}

/** Opens all streams over `rampMs` and reads them until the time is up. */
export interface HoldJob extends BaseJob {
  readonly kind: "hold";
  readonly rampMs: number;
  readonly stallMs: number;
}

export type Job = ClosedLoopJob | OpenLoopJob | HoldJob;

/** Times are microseconds. */
export interface JobResult {
  readonly requests: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** Connections that failed or closed before their answer was complete. */
  readonly broken: number;
  readonly elapsedMs: number;
  readonly events: number;
  readonly stalls: number;
  readonly gapMax: number;
  /** From the request to the last byte. */
  readonly latency: HistogramData;
  /** From the request to the first content. */
  readonly firstContent: HistogramData;
  readonly samples: readonly number[];
  /** The body of the last answer that was no 200, for the message. */
  readonly lastFailure: string;
}
