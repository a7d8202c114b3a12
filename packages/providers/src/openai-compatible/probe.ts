import type { ProbePlan, Target } from "../provider.ts";
import { unreadable } from "../shared/fault.ts";
import { parseObject } from "../shared/read.ts";
import { convertError } from "./errors.ts";

/** The list of models: free everywhere, and refused when the key or the service is not well. */
export function planProbe(_target: Target): ProbePlan {
  return {
    method: "GET",
    path: "/models",
    headers: { accept: "application/json" },
    body: undefined,
    isFree: true,
    judge(httpStatus, headers, body) {
      if (httpStatus < 200 || httpStatus >= 300) {
        return convertError(httpStatus, headers, body);
      }
      const isList = parseObject(body) !== undefined || body.trimStart().startsWith("[");
      return isList ? undefined : unreadable("a list of models");
    },
  };
}
