import { AppError } from "@fairlead/errors";
import type { LeaseDenial } from "../store/lease-store.ts";

/** The error for asks that are refused whatever the balance; undefined for the rest. */
export function refuseLease(denial: LeaseDenial): AppError | undefined {
  switch (denial) {
    case "unknown_account":
      return new AppError("not_found", "There is no such account.", { param: "account_id" });
    case "unknown_key":
      return new AppError("not_found", "The account has no such key.", { param: "key_id" });
    case "key_disabled":
      return new AppError("permission_denied", "The key is disabled.", { param: "key_id" });
    case "key_expired":
      return new AppError("permission_denied", "The key has expired.", { param: "key_id" });
    case "mismatch":
      return new AppError("conflict", "The lease's identity belongs to another account.");
    default:
      return undefined;
  }
}
