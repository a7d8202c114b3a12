import type { Timeouts } from "./timeouts.ts";

/** The wire format that a provider speaks. */
export const dialects = ["openai", "anthropic", "gemini"] as const;

export type Dialect = (typeof dialects)[number];

/** Who serves endpoints: where it is, what it speaks and which names hold its credential. */
export interface Provider {
  /** `deepinfra`, or `zenmux/anthropic` for a second dialect or base URL of the same provider. */
  readonly slug: string;
  /** Display name, as clients see it in `provider`. */
  readonly name: string;
  readonly dialect: Dialect;
  /** May hold `${NAME}` placeholders; see `expandBaseUrl`. No trailing slash. */
  readonly baseUrl: string;
  /** Environment names that may hold the credential; the first one set is used. */
  readonly envNames: readonly string[];
  /** A file that holds the credential; wins over `envNames`. */
  readonly credentialFile: string | undefined;
  /** Static headers of every call, beside the dialect's own. */
  readonly headers: Readonly<Record<string, string>>;
  /** Calls in flight at one time, per worker; undefined = the worker's default. */
  readonly concurrency: number | undefined;
  readonly timeouts: Timeouts;
  readonly isDisabled: boolean;
  /** Whether it may store or train on what it is sent; true unless an operator vouches for it. */
  readonly collectsData: boolean;
  /** Whether it keeps nothing after the answer; false unless an operator vouches for it. */
  readonly isZeroRetention: boolean;
  readonly docsUrl: string;
  readonly privacyPolicyUrl: string;
  readonly termsOfServiceUrl: string;
  readonly statusPageUrl: string;
}

/** Whether calls carry a credential at all; a server in the rack may need none. */
export function needsCredential(provider: Provider): boolean {
  return provider.envNames.length > 0 || provider.credentialFile !== undefined;
}
