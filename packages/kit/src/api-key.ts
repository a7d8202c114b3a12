import { createHash, createHmac, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

/** What a key opens: inference or administration. The two are disjoint. */
export type ApiKeyKind = "inference" | "management";

const prefixes: Record<ApiKeyKind, string> = {
  inference: "sk-fl-v1-",
  management: "sk-fl-mgmt-v1-",
};

const SECRET_BYTES = 32;
const body = /^[0-9a-f]{72}$/;
const CHECKSUM_LENGTH = 8;

/** A new key: prefix, 256 random bits in hex, CRC-32 of all before it in hex. */
export function mintApiKey(kind: ApiKeyKind): string {
  const text = prefixes[kind] + randomBytes(SECRET_BYTES).toString("hex");
  return text + checksum(text);
}

/**
 * The kind of a well-formed key, or undefined. Rejects typing errors and guesses by the checksum,
 * before anything is looked up.
 */
export function parseApiKey(text: string): ApiKeyKind | undefined {
  const kind = text.startsWith(prefixes.management)
    ? "management"
    : text.startsWith(prefixes.inference)
      ? "inference"
      : undefined;
  if (kind === undefined || !body.test(text.slice(prefixes[kind].length))) {
    return undefined;
  }
  const end = text.length - CHECKSUM_LENGTH;
  return checksum(text.slice(0, end)) === text.slice(end) ? kind : undefined;
}

/** The key's public id: SHA-256 of its text in lowercase hex, as OpenRouter's `hash`. */
export function hashApiKey(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** What is stored and looked up: HMAC-SHA-256 under a pepper that is not in the database. */
export function hmacApiKey(pepper: string, text: string): Buffer {
  return createHmac("sha256", pepper).update(text).digest();
}

/** How a key is shown after its minting: `sk-fl-v1-abc...123`. */
export function labelApiKey(text: string): string {
  const prefix = text.startsWith(prefixes.management) ? prefixes.management : prefixes.inference;
  return `${prefix}${text.slice(prefix.length, prefix.length + 3)}...${text.slice(-3)}`;
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(CHECKSUM_LENGTH, "0");
}
