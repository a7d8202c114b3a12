import { AppError, type ErrorCode } from "@fairlead/errors";
import { expect, it } from "vitest";
import { FakeLedger } from "./fake-ledger.test-helper.ts";
import { Lease } from "./lease.ts";
import { LeaseCloser } from "./lease-closer.ts";

function createCloser(code: ErrorCode) {
  const ledger = new FakeLedger(0n);
  let asked = 0;
  ledger.close = async () => {
    asked += 1;
    throw new AppError(code, "no");
  };
  const lease = new Lease({ id: "lease-1", grantedNano: 1n, expiresAtMs: 1, nowMs: 0 });
  return { closer: new LeaseCloser(ledger), lease, asked: () => asked };
}

it("tells a ledger that is away again", async () => {
  const { closer, lease, asked } = createCloser("unavailable");
  await closer.close(lease);
  await closer.retry();
  expect([asked(), closer.size]).toEqual([2, 1]);
});

it("does not keep a lease that the ledger will never take back", async () => {
  const { closer, lease, asked } = createCloser("not_found");
  await closer.close(lease);
  await closer.retry();
  expect([asked(), closer.size]).toEqual([1, 0]);
});
