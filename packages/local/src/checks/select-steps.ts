import { parseArgs } from "node:util";
import { AppError } from "@fairlead/errors";
import { type Step, steps } from "./step.ts";

/** All steps but those on demand, those too that `--and cluster` names, or `--only unit,lint`. */
export function selectSteps(args: readonly string[]): readonly Step[] {
  const names = steps.map((step) => step.name);
  const usage = `Usage: npm test -- --only <names> or --and <names>, of ${names.join(", ")}.`;
  const { only, and = [] } = readOptions(args, usage);
  if (only !== undefined && and.length > 0) {
    throw new AppError("invalid_request", `--only and --and exclude each other. ${usage}`);
  }
  const unknown = [...(only ?? []), ...and].find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new AppError("invalid_request", `There is no step ${unknown}. ${usage}`);
  }
  return steps.filter(({ name, isOnDemand }) =>
    only === undefined ? isOnDemand !== true || and.includes(name) : only.includes(name),
  );
}

function readOptions(
  args: readonly string[],
  usage: string,
): { only?: string[] | undefined; and?: string[] | undefined } {
  try {
    const type = "string";
    const { values } = parseArgs({
      args: [...args],
      options: { only: { type }, and: { type } },
    });
    const split = (text: string | undefined) => text?.split(",").filter((name) => name !== "");
    return { only: split(values.only), and: split(values.and) };
  } catch (error) {
    throw new AppError("invalid_request", usage, { cause: error });
  }
}
