import type { Provider, Target } from "@fairlead/providers";
import { faults } from "../domain/faults.ts";
import type { AnswerLimits, AnswerReader } from "./answer-reader.ts";
import { FailureReader } from "./failure-reader.ts";
import { JsonReader } from "./json-reader.ts";
import { StreamReader } from "./stream-reader.ts";

type ResponseHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface AnswerHead {
  readonly httpStatus: number;
  /** Names in lower case. */
  readonly headers: ResponseHeaders;
}

/** Chooses how an answer is read by its head; returns a fault when it cannot be. */
export function openReader(
  provider: Provider,
  target: Target,
  head: AnswerHead,
  limits: AnswerLimits,
): AnswerReader | ReturnType<typeof faults.malformed> {
  const { httpStatus, headers } = head;
  if (isCompressed(headers["content-encoding"])) {
    // We asked for none, and unpacking what was not asked for invites bombs.
    return faults.malformed(httpStatus);
  }
  if (httpStatus >= 300) {
    return new FailureReader(provider, httpStatus, headers, limits);
  }
  // Some servers do not label their events, but none labels them as JSON.
  return target.isStream && !isJson(headers["content-type"])
    ? new StreamReader(provider, target, limits)
    : new JsonReader(provider, target, limits);
}

function isCompressed(encoding: string | readonly string[] | undefined): boolean {
  return encoding !== undefined && encoding !== "" && encoding !== "identity";
}

function isJson(contentType: string | readonly string[] | undefined): boolean {
  return typeof contentType === "string" && contentType.includes("application/json");
}
