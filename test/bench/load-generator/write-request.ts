import type { Address } from "./job.ts";

export interface ChatTarget {
  readonly address: Address;
  readonly path: string;
  readonly key: string;
  /** Names the model of a row at this target: the public id, or the simulator's own. */
  readonly models: Readonly<Record<string, string>>;
}

export interface ChatBody {
  readonly model: string;
  readonly user: string;
  readonly isStream?: boolean;
  /** Providers in this order, by slug. */
  readonly order?: readonly string[];
}

const SYSTEM =
  "You are a careful assistant. Answer briefly, name your sources and say so when you do not know.";
const TOKENS_MAX = 256;

/** The bytes of one chat request: about 300 bytes of body when the user says little. */
export function writeRequest(
  target: ChatTarget,
  { model, user, isStream, order }: ChatBody,
): string {
  const body = JSON.stringify({
    model: target.models[model] ?? model,
    messages: [
      { role: "system", content: SYSTEM },
      { role: "user", content: user },
    ],
    max_tokens: TOKENS_MAX,
    ...(isStream === true ? { stream: true } : {}),
    ...(order === undefined ? {} : { provider: { order } }),
  });
  return [
    `POST ${target.path} HTTP/1.1`,
    `host: ${target.address.host}:${target.address.port}`,
    `authorization: Bearer ${target.key}`,
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(body)}`,
    "",
    body,
  ].join("\r\n");
}
