/** Times in milliseconds, amounts in nano-USD. */
export interface LeaseLimits {
  /** How far the ledger's clock may be ahead of ours: no admission in a lease's last moments. */
  readonly skewMs: number;
  /** A busy lease is replaced this long before it may no longer be used. */
  readonly renewAheadMs: number;
  /** A lease that nobody held on for so long is given back. */
  readonly idleMs: number;
  /** How long an account stays strict after the ledger said so. */
  readonly strictMs: number;
  /** Pause between two refills ahead of need that brought nothing. */
  readonly refillPauseMs: number;
  /** A lease that was used up faster than this is followed by one of twice its size. */
  readonly growBelowMs: number;
  readonly wantMaxNano: bigint;
  /** A first lease is this many worst cases of the request at hand. */
  readonly wantFactor: bigint;
}

export const defaultLeaseLimits: LeaseLimits = {
  skewMs: 2_000,
  renewAheadMs: 5_000,
  idleMs: 5_000,
  strictMs: 1_000,
  refillPauseMs: 250,
  growBelowMs: 5_000,
  wantMaxNano: 100_000_000_000n,
  wantFactor: 8n,
};
