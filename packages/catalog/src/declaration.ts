import type { Rates, Tier } from "./price.ts";
import type { Dialect } from "./provider.ts";
import type { Timeouts } from "./timeouts.ts";

/** One endpoint as a source declares it; what is undefined is inherited or defaulted. */
export interface EndpointDeclaration {
  /** Public model id. */
  readonly model: string;
  readonly upstreamModel: string | undefined;
  readonly name?: string | undefined;
  readonly rates?: Rates | undefined;
  readonly tiers?: readonly Tier[] | undefined;
  readonly contextLength?: number | undefined;
  readonly maxCompletionTokens?: number | undefined;
  readonly quantization?: string | undefined;
  readonly inputModalities?: readonly string[] | undefined;
  readonly outputModalities?: readonly string[] | undefined;
  readonly supportedParameters?: readonly string[] | undefined;
  readonly timeouts?: Partial<Timeouts> | undefined;
  readonly isDisabled?: boolean | undefined;
}

/** One provider as a source declares it. */
export interface ProviderDeclaration {
  readonly slug: string;
  readonly name?: string | undefined;
  readonly dialect?: Dialect | undefined;
  readonly baseUrl?: string | undefined;
  readonly envNames?: readonly string[] | undefined;
  readonly credentialFile?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly concurrency?: number | undefined;
  readonly timeouts?: Partial<Timeouts> | undefined;
  readonly isDisabled?: boolean | undefined;
  readonly docsUrl?: string | undefined;
  readonly collectsData?: boolean | undefined;
  readonly isZeroRetention?: boolean | undefined;
  readonly endpoints: readonly EndpointDeclaration[];
}
