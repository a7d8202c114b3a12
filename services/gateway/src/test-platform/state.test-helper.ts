import type { MessageInitShape } from "@bufbuild/protobuf";
import type { GenerateRequest, GenerateResponseSchema } from "@fairlead/proto/adapter/v1/adapter";
import type { PlanRequest, PlanResponseSchema } from "@fairlead/proto/router/v1/router";
import type { UsageEvent } from "@fairlead/proto/usage/v1/usage";
import type { ServerCall } from "@fairlead/rpc";

export type GenerateCall = ServerCall<typeof GenerateResponseSchema>;
export type PlanInit = MessageInitShape<typeof PlanResponseSchema>;

/** What the fakes are to do, and what they saw. */
export interface PlatformState {
  plan: (request: PlanRequest) => PlanInit;
  generate: (request: GenerateRequest, call: GenerateCall) => void;
  creditNano: bigint;
  isStrict: boolean;
  readonly aborted: string[];
  readonly acknowledged: string[];
  /** Generation id and number of each attempt. */
  readonly disowned: string[];
  readonly generated: GenerateRequest[];
  readonly events: UsageEvent[];
  openLeasesNano: bigint;
  /** What the gateway said to have spent on each, and how many bills had come by then. */
  readonly closedLeases: { readonly spentNano: bigint; readonly billsBefore: number }[];
  /** While true, the process says that it drains. */
  isDraining: boolean;
}
