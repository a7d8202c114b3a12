import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sizeLease } from "./size-lease.ts";

const limits = { maxNano: 1_000n, strictBelowNano: 100n };
const situation = {
  needNano: 10n,
  wantNano: 500n,
  availableNano: 10_000n,
  keyLeftNano: undefined,
  activeGateways: 1,
};

describe("sizeLease", () => {
  it("grants what is wanted while that is little", () => {
    expect(sizeLease(situation, limits)).toEqual({ isStrict: false, grantNano: 500n });
  });

  it("never passes the maximum, nor half of a gateway's share", () => {
    expect(sizeLease({ ...situation, wantNano: 9_999n }, limits).grantNano).toBe(1_000n);
    const shared = { ...situation, wantNano: 9_999n, activeGateways: 10 };
    expect(sizeLease(shared, limits).grantNano).toBe(500n);
  });

  it("grants what the request needs, even beyond the share", () => {
    expect(sizeLease({ ...situation, needNano: 6_000n }, limits).grantNano).toBe(6_000n);
  });

  it("goes strict when account or key is near its end", () => {
    expect(sizeLease({ ...situation, availableNano: 99n }, limits).isStrict).toBe(true);
    expect(sizeLease({ ...situation, keyLeftNano: 99n }, limits).isStrict).toBe(true);
    expect(sizeLease({ ...situation, keyLeftNano: 100n }, limits).isStrict).toBe(false);
  });

  it("is at least the need and at most the larger of need and wish", () => {
    const amount = fc.bigInt({ min: 0n, max: 10n ** 12n });
    const anySituation = fc.record({
      needNano: amount,
      wantNano: amount,
      availableNano: amount,
      keyLeftNano: fc.option(amount, { nil: undefined }),
      activeGateways: fc.nat(50),
    });
    fc.assert(
      fc.property(anySituation, (it) => {
        const size = sizeLease(it, limits);
        if (size.isStrict) {
          expect(size.grantNano).toBe(0n);
          return;
        }
        expect(size.grantNano >= it.needNano).toBe(true);
        expect(size.grantNano <= it.needNano || size.grantNano <= it.wantNano).toBe(true);
      }),
    );
  });
});
