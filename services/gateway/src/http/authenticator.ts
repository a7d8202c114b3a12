import { hash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { AppError } from "@fairlead/errors";
import { hmacApiKey, parseApiKey } from "@fairlead/kit";
import type { Key } from "@fairlead/proto/ledger/v1/ledger";
import { checkUsable } from "../domain/check-key.ts";
import type { KeyCache } from "../domain/key-cache.ts";
import type { RateLimiter } from "../domain/rate-limiter.ts";

/** Look-ups of keys that do not exist, for each address and minute: guesses end here. */
const FAILURES_PER_MINUTE = 120;

export interface AuthenticatorOptions {
  readonly pepper: string;
  readonly keys: KeyCache;
  readonly failures: RateLimiter;
  /** Unix milliseconds. */
  readonly unixNow: () => number;
}

/** Turns an Authorization header into the record of a usable key. */
export class Authenticator {
  readonly #options: AuthenticatorOptions;

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
  }

  /**
   * The key behind a request: at once when it is known, else a promise. Throws (or rejects with)
   * 401 for a missing, malformed, unknown, disabled or expired key.
   */
  authenticate(request: IncomingMessage): Key | Promise<Key> {
    const text = readBearer(request.headers.authorization);
    if (parseApiKey(text) === undefined) {
      throw unauthenticated("The API key is malformed. Check that it was copied whole.");
    }
    // A plain digest names the key in memory: a key has 256 random bits, so nothing is to be
    // guessed, and the HMAC that the ledger wants costs several times as much.
    const digest = hash("sha256", text, "base64url");
    const key = this.#options.keys.peek(digest);
    return key === undefined ? this.#lookUp(digest, text, request) : this.#check(key);
  }

  async #lookUp(digest: string, text: string, request: IncomingMessage): Promise<Key> {
    const { failures, keys, pepper } = this.#options;
    const address = request.socket.remoteAddress ?? "";
    // Somebody's guesses must not shut out the keys of all others behind the same address.
    if (!keys.isKnown(digest) && !failures.isOpen(address, FAILURES_PER_MINUTE)) {
      throw new AppError(
        "rate_limit_exceeded",
        "Too many requests with unknown API keys from this address. Try again in a minute.",
        { retryAfterMs: 60_000 },
      );
    }
    const key = await keys.resolve(digest, hmacApiKey(pepper, text));
    if (key === undefined) {
      failures.take(address, FAILURES_PER_MINUTE);
    }
    return this.#check(key ?? null);
  }

  #check(key: Key | null): Key {
    if (key === null) {
      throw unauthenticated("No such API key. It may have been deleted.");
    }
    checkUsable(key, this.#options.unixNow());
    return key;
  }
}

function readBearer(header: string | undefined): string {
  if (header === undefined) {
    throw unauthenticated("No API key was sent. Send it as Authorization: Bearer <key>.");
  }
  const match = /^Bearer +(\S+) *$/i.exec(header);
  if (match?.[1] === undefined) {
    throw unauthenticated("The Authorization header must be: Bearer <key>.");
  }
  return match[1];
}

function unauthenticated(message: string): AppError {
  return new AppError("authentication", message);
}
