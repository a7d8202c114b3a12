import type { ProviderFaultInfo } from "@fairlead/providers";
import type { ProviderBinding } from "../bindings/provider-binding.ts";
import type { CountedUsage } from "../domain/complete-usage.ts";

/** One attempt as metrics, spans and health events need it. Times are milliseconds. */
export interface AttemptReport {
  readonly binding: ProviderBinding;
  readonly endpointId: string;
  readonly attempt: number;
  readonly model: string;
  readonly upstreamModel: string;
  readonly isStream: boolean;
  readonly traceparent: string | undefined;
  /** Unix time of the call's arrival. */
  readonly startedAtMs: number;
  readonly durationMs: number;
  /** 0 when no content came. */
  readonly firstTokenMs: number;
  readonly counted: CountedUsage;
  readonly finishReason: string;
  readonly responseModel: string;
  readonly upstreamId: string;
  readonly fault: ProviderFaultInfo | undefined;
  readonly isCancelled: boolean;
}
