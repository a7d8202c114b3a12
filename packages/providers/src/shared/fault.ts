import { codes, type ErrorCode } from "@fairlead/errors";
import type { ProviderFaultInfo } from "../provider.ts";

/** A provider's refusal, as its error body tells it. */
export interface ProviderRefusal {
  readonly httpStatus: number;
  readonly message: string;
  /** The provider's own code or type. */
  readonly providerCode: string;
  readonly param?: string;
  readonly retryAfterMs?: number;
}

type Verdict = Pick<ProviderFaultInfo, "code" | "isRetryable" | "isEndpointFault">;

const requestFault = { isRetryable: false, isEndpointFault: false };
const capacityFault = { isRetryable: true, isEndpointFault: false };
const endpointFault = { isRetryable: true, isEndpointFault: true };

const contextLength =
  /context.?(length|window)|too many (input )?tokens|maximum.{0,20}tokens|prompt is too long|input token count|reduce the length/i;
const contentPolicy =
  /content.?(policy|filter|management)|moderation|safety (policy|system)|usage policies|blocked by/i;
/** What this endpoint cannot do, another endpoint of the model may. */
const capability =
  /unsupported|not supported|does not support|doesn't support|unknown (parameter|field|name)|extra inputs|not permitted|unrecognized/i;
/** An account without money: 429 at OpenAI, but no waiting mends it. */
const quota =
  /insufficient_quota|credit balance|insufficient.balance|billing_(hard_limit|not_active)/i;

/**
 * The one judgement of a provider's refusal: our code, whether another endpoint may be tried, and
 * whether the endpoint is to blame. The client's mistakes are not the endpoint's; refused
 * credentials, missing models and empty accounts are, and never reach the client as its own.
 */
export function judgeRefusal(refusal: ProviderRefusal): ProviderFaultInfo {
  const verdict = findVerdict(refusal);
  return {
    ...verdict,
    message: isAboutRequest(verdict.code)
      ? scrub(refusal.message)
      : describe(verdict.code, refusal),
    httpStatus: refusal.httpStatus,
    providerCode: refusal.providerCode.slice(0, 128),
    retryAfterMs: refusal.retryAfterMs ?? 0,
    param: (refusal.param ?? "").slice(0, 256),
  };
}

function findVerdict(refusal: ProviderRefusal): Verdict {
  const { httpStatus } = refusal;
  const words = `${refusal.providerCode} ${refusal.message.slice(0, 2_000)}`;
  switch (httpStatus) {
    case 400:
    case 409:
    case 422:
      return judgeBadRequest(httpStatus, words);
    case 413:
      return { code: "payload_too_large", ...requestFault };
    case 403:
      return contentPolicy.test(words)
        ? { code: "content_policy_violation", ...requestFault }
        : { code: "provider_unavailable", ...endpointFault };
    case 408:
    case 504:
    case 524:
      return { code: "provider_timeout", ...endpointFault };
    case 425:
      return { code: "provider_unavailable", ...capacityFault };
    case 429:
      return quota.test(words)
        ? { code: "provider_unavailable", ...endpointFault }
        : { code: "rate_limit_exceeded", ...capacityFault };
    case 503:
    case 529:
      return { code: "provider_overloaded", ...endpointFault };
    default:
      return { code: "provider_unavailable", ...endpointFault };
  }
}

function judgeBadRequest(httpStatus: number, words: string): Verdict {
  if (contextLength.test(words)) {
    return { code: "context_length_exceeded", ...capacityFault };
  }
  if (contentPolicy.test(words)) {
    return { code: "content_policy_violation", ...requestFault };
  }
  if (quota.test(words)) {
    return { code: "provider_unavailable", ...endpointFault };
  }
  const code = httpStatus === 422 ? "unprocessable" : "invalid_request";
  return { code, isRetryable: capability.test(words), isEndpointFault: false };
}

function isAboutRequest(code: ErrorCode): boolean {
  return codes[code].http < 429 && codes[code].http !== 408;
}

function describe(code: ErrorCode, refusal: ProviderRefusal): string {
  const status = refusal.httpStatus === 0 ? "" : ` (status ${refusal.httpStatus})`;
  switch (code) {
    case "rate_limit_exceeded":
      return "The provider's rate limit is reached. Try again later or allow other providers.";
    case "provider_overloaded":
      return `The provider is overloaded${status}. Try again.`;
    case "provider_timeout":
      return `The provider took too long to answer${status}. Try again.`;
    default:
      return `The provider could not serve the request${status}.`;
  }
}

const messageMax = 1_000;
const secretLike = /\b(sk|pk|gsk|xai|key|AIza)[-_A-Za-z0-9*]{12,}/g;

/** A provider's words, fit for the client: bounded, one line, nothing that looks like a key. */
function scrub(message: string): string {
  const line = message.slice(0, messageMax).replace(/\s+/g, " ").trim();
  return line === "" ? "The provider refused the request." : line.replace(secretLike, "[redacted]");
}

/** An answer or an event that cannot be understood. */
export function unreadable(what: string): ProviderFaultInfo {
  return ours("provider_unavailable", `The provider sent ${what} that cannot be read.`);
}

/** The stream closed before the answer ended. */
export function endedEarly(): ProviderFaultInfo {
  return ours("provider_unavailable", "The provider ended its answer too early.");
}

function ours(code: ErrorCode, message: string): ProviderFaultInfo {
  return {
    code,
    message,
    httpStatus: 0,
    providerCode: "",
    retryAfterMs: 0,
    isRetryable: true,
    isEndpointFault: true,
    param: "",
  };
}
