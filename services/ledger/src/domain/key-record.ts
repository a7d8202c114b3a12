/** When a key's limit begins anew (UTC; weeks on Monday); "" = never. */
export type LimitReset = "" | "daily" | "weekly" | "monthly";

/** An API key as everyone but its owner knows it. Times in Unix milliseconds, nano-USD. */
export interface KeyRecord {
  readonly keyId: string;
  readonly accountId: string;
  readonly name: string;
  readonly label: string;
  readonly isManagement: boolean;
  readonly isDisabled: boolean;
  /** 0 = never. */
  readonly expiresAtMs: bigint;
  readonly limitNano: bigint | undefined;
  readonly limitReset: LimitReset;
  /** 0 = no limit. */
  readonly requestsPerMinute: number;
  readonly createdAtMs: bigint;
}

export function isLimitReset(text: string): text is LimitReset {
  return text === "" || text === "daily" || text === "weekly" || text === "monthly";
}
