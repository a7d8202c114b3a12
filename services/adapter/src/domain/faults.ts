import type { AppError, ErrorCode } from "@fairlead/errors";
import type { ProviderFaultInfo } from "@fairlead/providers";

type Specifics = Partial<Omit<ProviderFaultInfo, "code" | "message">>;

/**
 * A failure of the endpoint by our own judgement: no words of the provider, another may be tried.
 */
function createFault(
  code: ErrorCode,
  message: string,
  specifics: Specifics = {},
): ProviderFaultInfo {
  return {
    code,
    message,
    httpStatus: 0,
    providerCode: "",
    retryAfterMs: 0,
    isRetryable: true,
    isEndpointFault: true,
    param: "",
    ...specifics,
  };
}

/** What goes wrong between us and a provider, in the words that a client may read. */
export const faults = {
  unreachable: (providerCode: string) =>
    createFault("provider_unavailable", "The provider could not be reached.", { providerCode }),
  cut: (providerCode = "", httpStatus = 0) =>
    createFault("provider_unavailable", "The provider broke off its answer.", {
      providerCode,
      httpStatus,
    }),
  malformed: (httpStatus: number) =>
    createFault("provider_unavailable", "The provider sent an answer that cannot be read.", {
      httpStatus,
    }),
  tooLarge: (httpStatus: number) =>
    createFault("provider_unavailable", "The provider sent an answer beyond the size limits.", {
      httpStatus,
    }),
  empty: (httpStatus: number) =>
    createFault("provider_unavailable", "The provider sent an empty answer.", { httpStatus }),
  redirect: (httpStatus: number) =>
    createFault("provider_unavailable", "The provider answered with a redirect.", { httpStatus }),
  connectTimeout: () =>
    createFault("provider_timeout", "The provider did not take the request in time."),
  firstTokenTimeout: (httpStatus: number) =>
    createFault("provider_timeout", "The provider did not begin its answer in time.", {
      httpStatus,
    }),
  stalled: (httpStatus: number) =>
    createFault("provider_timeout", "The provider stopped in the middle of its answer.", {
      httpStatus,
    }),
  totalTimeout: (httpStatus: number) =>
    createFault("provider_timeout", "The provider did not finish its answer in time.", {
      httpStatus,
    }),
  rateLimited: (retryAfterMs: number) =>
    createFault("rate_limit_exceeded", "The provider's rate limit for this model is reached.", {
      httpStatus: 429,
      retryAfterMs,
      isEndpointFault: false,
    }),
  busy: () =>
    createFault("provider_overloaded", "Too many calls of this provider are open.", {
      isEndpointFault: false,
    }),
  notServed: () =>
    createFault("provider_unavailable", "No credential for this provider is at hand.", {
      isEndpointFault: false,
    }),
  /** Our own mistake: says nothing of the endpoint. */
  internal: () =>
    createFault("internal", "Internal error.", { isRetryable: true, isEndpointFault: false }),
} as const;

/** A request that was not sent. `isRetryable`: another endpoint may take it. */
export function refuseRequest(
  { code, message, param }: AppError,
  isRetryable: boolean,
): ProviderFaultInfo {
  return createFault(code, message, { isRetryable, isEndpointFault: false, param: param ?? "" });
}
