import type { End } from "@fairlead/proto/adapter/v1/adapter";
import type { UsageEvent } from "@fairlead/proto/usage/v1/usage";

/** `gen_ai.operation.name` of all that this API does. */
export const OPERATION = "chat";

/** One request that ended, as spans and metrics need it. */
export interface RequestFacts {
  readonly isStream: boolean;
  readonly event: UsageEvent | undefined;
  readonly end: End | undefined;
  readonly attempts: number;
  readonly durationMs: number;
  /** 0 when there was none. */
  readonly firstTokenMs: number;
  /** Of it, what the worker waited for the provider; 0 when there was none. */
  readonly providerFirstTokenMs: number;
  readonly errorCode: string | undefined;
  readonly statusCode: number;
}
