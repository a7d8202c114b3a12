import { AppError, type ErrorCode } from "@fairlead/errors";
import { NoCandidate, type PlanResponse } from "@fairlead/proto/router/v1/router";

/** Reasons shown to a client at most; the rest are counted. */
const EXCLUSIONS_MAX = 20;

/** The error of a plan without a candidate: it says which filter removed the last endpoint. */
export function refusePlan(plan: PlanResponse, models: readonly string[]): AppError {
  const code = codeOf(plan.noCandidate);
  const message =
    plan.message !== "" ? plan.message : `No endpoints found for ${models.join(", ")}.`;
  const excluded = plan.exclusions.slice(0, EXCLUSIONS_MAX);
  return new AppError(code, message, {
    param: "model",
    metadata: {
      error_type: code,
      requested_models: models,
      ...(excluded.length > 0 && {
        excluded: excluded.map(({ provider, model, reason, detail }) => ({
          provider,
          model,
          reason,
          ...(detail !== "" && { detail }),
        })),
        excluded_count: plan.exclusions.length,
      }),
    },
  });
}

function codeOf(reason: NoCandidate): ErrorCode {
  switch (reason) {
    case NoCandidate.MODEL_UNKNOWN:
      return "model_not_found";
    case NoCandidate.CONTEXT_LENGTH:
      return "context_length_exceeded";
    case NoCandidate.CONSTRAINTS:
    case NoCandidate.NO_PROVIDER:
    case NoCandidate.UNSPECIFIED:
      return "not_found";
    default:
      return "not_found";
  }
}
