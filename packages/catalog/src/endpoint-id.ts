import { hash } from "node:crypto";

/**
 * Identity of an endpoint across processes and catalog versions: the first 16 hex digits of
 * SHA-256 over `provider|model|upstreamModel`.
 */
export function endpointId(provider: string, model: string, upstreamModel: string): string {
  return hash("sha256", `${provider}|${model}|${upstreamModel}`, "hex").slice(0, 16);
}
