export interface LeaseLimits {
  /** No lease is larger: what one crash can put into suspense. */
  readonly maxNano: bigint;
  /** Below it nothing is leased; every request is held alone, so that small balances are exact. */
  readonly strictBelowNano: bigint;
}

/** What a lease is decided from. All amounts in nano-USD. */
export interface LeaseSituation {
  /** What the request at hand needs. */
  readonly needNano: bigint;
  /** What the gateway would like: its spend rate times some seconds. */
  readonly wantNano: bigint;
  readonly availableNano: bigint;
  /** Left of the key's limit beside all its leases; undefined without a limit. */
  readonly keyLeftNano: bigint | undefined;
  /** Gateways that hold a lease of this account, the asking one included. */
  readonly activeGateways: number;
}

export interface LeaseSize {
  readonly isStrict: boolean;
  /** The most to grant; nothing when strict. At least what is needed, which may not be there. */
  readonly grantNano: bigint;
}

/**
 * How large a lease should be: never more than half of what a gateway's fair share is, so that the
 * others find credit too and an account runs dry in small steps, but always what the request at
 * hand needs.
 */
export function sizeLease(situation: LeaseSituation, limits: LeaseLimits): LeaseSize {
  const { needNano, wantNano, availableNano, keyLeftNano } = situation;
  const leftNano = keyLeftNano === undefined ? availableNano : min(availableNano, keyLeftNano);
  if (leftNano < limits.strictBelowNano) {
    return { isStrict: true, grantNano: 0n };
  }
  const gateways = BigInt(Math.max(1, situation.activeGateways));
  const fairNano = min(limits.maxNano, leftNano / (2n * gateways));
  return { isStrict: false, grantNano: max(needNano, min(wantNano, fairNano)) };
}

function min(left: bigint, right: bigint): bigint {
  if (left < right) {
    return left;
  }
  return right;
}

function max(left: bigint, right: bigint): bigint {
  if (left > right) {
    return left;
  }
  return right;
}
