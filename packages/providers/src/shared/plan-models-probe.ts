import type { ProbePlan, Provider } from "../provider.ts";
import { unreadable } from "./fault.ts";

/**
 * The list of models: free everywhere, and refused when the key or the service is not well. The
 * body may be cut, so only its beginning is looked at.
 */
export function planModelsProbe(path: string, readError: Provider["error"]): ProbePlan {
  return {
    method: "GET",
    path,
    headers: { accept: "application/json" },
    body: undefined,
    isFree: true,
    judge(httpStatus, headers, body) {
      if (httpStatus < 200 || httpStatus >= 300) {
        return readError(httpStatus, headers, body);
      }
      return /^\s*[{[]/.test(body) ? undefined : unreadable("a list of models");
    },
  };
}
