import { AppError } from "@fairlead/errors";
import type { Key } from "@fairlead/proto/ledger/v1/ledger";

/** The fields of a key's record that decide whether it opens anything. */
export type KeyState = Pick<Key, "isDisabled" | "isManagement" | "expiresAtMs">;

/** Throws 401 for a key that is switched off or past its time. */
export function checkUsable(key: KeyState, nowMs: number): void {
  if (key.isDisabled) {
    throw new AppError("authentication", "This API key is disabled. Enable it or use another key.");
  }
  if (key.expiresAtMs > 0n && nowMs >= Number(key.expiresAtMs)) {
    throw new AppError("authentication", "This API key has expired. Create a new key.");
  }
}

/** Throws 403 for a management key: it administers, and never pays for inference. */
export function checkInference(key: KeyState): void {
  if (key.isManagement) {
    throw new AppError(
      "permission_denied",
      "Management keys cannot be used for inference. Use an inference key (sk-fl-v1-…).",
    );
  }
}

/** Throws 403 for an inference key on a route of administration. */
export function checkManagement(key: KeyState): void {
  if (!key.isManagement) {
    throw new AppError(
      "permission_denied",
      "Only management keys can fetch this. Use a management key (sk-fl-mgmt-v1-…).",
    );
  }
}
