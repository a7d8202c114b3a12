import type { PlatformAddresses } from "@fairlead/local";

/** What the end-to-end tests know of the platform that runs for them. */
export interface PlatformContext extends PlatformAddresses {
  /**
   * The operator's catalog file: empty at the start; what a test writes takes effect. Its providers
   * are served by the pool `default`.
   */
  readonly catalogPath: string;
  /** The folder with the platform's logs and dev.json. */
  readonly home: string;
}

declare module "vitest" {
  interface ProvidedContext {
    /** `inject("platform")` in a test. */
    readonly platform: PlatformContext;
  }
}
