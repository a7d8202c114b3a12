import { createHash } from "node:crypto";

/**
 * The end user's id as a provider may see it: the same for the same user and provider, so abuse can
 * be told apart, but never the raw value and not linkable across providers.
 */
export function hashEndUser(user: string, provider: string): string {
  return createHash("sha256").update(`${provider}\0${user}`).digest("hex").slice(0, 32);
}
