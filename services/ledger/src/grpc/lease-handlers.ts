import { AppError } from "@fairlead/errors";
import {
  Denial,
  type GrantLeaseResponse,
  type LedgerService,
} from "@fairlead/proto/ledger/v1/ledger";
import type { ServiceHandlers } from "@fairlead/rpc";
import { type LeaseLimits, sizeLease } from "../domain/size-lease.ts";
import type { LeaseDecision, LeaseDenial, LeaseStore } from "../store/lease-store.ts";
import { requireAmount, requireText } from "./read-request.ts";
import { refuseLease } from "./refuse-lease.ts";

type Handlers = Pick<
  ServiceHandlers<typeof LedgerService>,
  "grantLease" | "reserve" | "closeLease"
>;

export interface LeaseDependencies {
  readonly leases: LeaseStore;
  readonly limits: LeaseLimits;
  readonly leaseTtlMs: number;
  readonly now: () => number;
  /** Asks the gateways for what they hold of the account and do not use. */
  readonly recallLeases: (accountId: string) => void;
  /** Called when the events of a closed lease do not sum to what its gateway stated. */
  readonly onGap: (leaseId: string) => void;
}

const denials: Partial<Record<LeaseDenial, Denial>> = {
  credit: Denial.CREDIT,
  key_limit: Denial.KEY_LIMIT,
  in_flight: Denial.IN_FLIGHT,
};

export function createLeaseHandlers(dependencies: LeaseDependencies): Handlers {
  const { leases, limits, leaseTtlMs, now, recallLeases, onGap } = dependencies;

  function answer(accountId: string, leaseId: string, decision: LeaseDecision) {
    const refusal = refuseLease(decision.denial);
    if (refusal !== undefined) {
      throw refusal;
    }
    if (decision.denial === "in_flight") {
      recallLeases(accountId);
    }
    const { grantedNano, availableNano, expiresAtMs } = decision;
    return {
      leaseId: grantedNano > 0n ? leaseId : "",
      grantedNano,
      availableNano,
      expiresAtMs,
      denial: denials[decision.denial] ?? Denial.UNSPECIFIED,
    };
  }

  return {
    async grantLease(request): Promise<Omit<GrantLeaseResponse, "$typeName">> {
      const { accountId, keyId, gatewayId } = readOwner(request);
      const needNano = requireAmount(request.needNano, "need_nano");
      const wantNano = requireAmount(request.wantNano, "want_nano");
      const situation = await leases.readSituation(accountId, keyId, gatewayId);
      if (situation === undefined) {
        throw new AppError("not_found", "There is no such account.", { param: "account_id" });
      }
      const size = sizeLease({ ...situation, needNano, wantNano }, limits);
      const leaseId = `${gatewayId}:${requireAmount(request.seq, "seq", 1n)}`;
      const decision = await leases.take({
        leaseId,
        accountId,
        keyId,
        gatewayId,
        needNano: size.isStrict ? 0n : needNano,
        wantNano: size.grantNano,
        expiresAtMs: now() + leaseTtlMs,
        isSingle: false,
      });
      return { ...answer(accountId, leaseId, decision), isStrict: size.isStrict };
    },

    async reserve(request) {
      const owner = readOwner(request);
      const leaseId = requireText(request.generationId, "generation_id");
      const decision = await leases.take({
        ...owner,
        leaseId,
        needNano: requireAmount(request.needNano, "need_nano"),
        wantNano: requireAmount(request.wantNano, "want_nano"),
        expiresAtMs: now() + leaseTtlMs,
        isSingle: true,
      });
      return answer(owner.accountId, leaseId, decision);
    },

    async closeLease({ leaseId, gatewayId, spentTotalNano, lastEventSeq }) {
      requireText(leaseId, "lease_id", 500);
      requireText(gatewayId, "gateway_id");
      requireAmount(spentTotalNano, "spent_total_nano");
      requireAmount(lastEventSeq, "last_event_seq");
      const result = await leases.close({ leaseId, gatewayId, spentTotalNano, lastEventSeq });
      if (result === "unknown") {
        throw new AppError("not_found", "There is no such lease.", { param: "lease_id" });
      }
      if (result === "mismatch") {
        const text = "The lease belongs to another gateway.";
        throw new AppError("permission_denied", text, { param: "gateway_id" });
      }
      if (result === "gap") {
        onGap(leaseId);
      }
      return {};
    },
  };
}

function readOwner(request: { accountId: string; keyId: string; gatewayId: string }) {
  return {
    accountId: requireText(request.accountId, "account_id"),
    keyId: requireText(request.keyId, "key_id"),
    gatewayId: requireText(request.gatewayId, "gateway_id"),
  };
}
