import { parseArgs } from "node:util";
import { AppError } from "@fairlead/errors";
import { type Step, steps } from "./step.ts";

/** All steps but those on demand, or those of `--only unit,lint`. */
export function selectSteps(args: readonly string[]): readonly Step[] {
  const names = steps.map((step) => step.name);
  const usage = `Usage: npm test -- --only <names>, of ${names.join(", ")}.`;
  const only = readOnly(args, usage);
  if (only === undefined) {
    return steps.filter((step) => step.isOnDemand !== true);
  }
  const unknown = only.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new AppError("invalid_request", `There is no step ${unknown}. ${usage}`);
  }
  return steps.filter((step) => only.includes(step.name));
}

function readOnly(args: readonly string[], usage: string): string[] | undefined {
  try {
    const { values } = parseArgs({ args: [...args], options: { only: { type: "string" } } });
    return values.only?.split(",").filter((name) => name !== "");
  } catch (error) {
    throw new AppError("invalid_request", usage, { cause: error });
  }
}
