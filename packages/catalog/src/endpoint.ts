import type { Price } from "./price.ts";
import type { Dialect } from "./provider.ts";
import type { Timeouts } from "./timeouts.ts";

/** Provider × model × variant: what one candidate of a plan calls. */
export interface Endpoint {
  /** See `endpointId`; safe in a NATS subject. */
  readonly id: string;
  /** Provider slug. */
  readonly provider: string;
  readonly providerName: string;
  readonly dialect: Dialect;
  /** Public id of the model, with its static variant (`author/slug:free`). */
  readonly model: string;
  /** The provider's own name of the model. */
  readonly upstreamModel: string;
  /** Static variant without its colon (`free`, `extended`, `thinking`, `batch`); "" = none. */
  readonly variant: string;
  readonly price: Price;
  /** Tokens of prompt and completion together; 0 = unknown. */
  readonly contextLength: number;
  /** Largest `max_tokens` that it takes; 0 = unknown. */
  readonly maxCompletionTokens: number;
  /** OpenRouter's vocabulary (`fp8`, `bf16`, …); `unknown` when the source has none. */
  readonly quantization: string;
  readonly inputModalities: readonly string[];
  readonly outputModalities: readonly string[];
  /** OpenRouter's supported_parameters vocabulary. */
  readonly supportedParameters: readonly string[];
  readonly timeouts: Timeouts;
  readonly isDisabled: boolean;
  /** As of its provider. */
  readonly collectsData: boolean;
  readonly isZeroRetention: boolean;
}
