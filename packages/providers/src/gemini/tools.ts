import { AppError } from "@fairlead/errors";
import type { FunctionTool, Tool, ToolChoice } from "@fairlead/openai";

type Fields = Readonly<Record<string, unknown>>;

/** JSON Schema goes untouched in `parametersJsonSchema`: nothing of it is lost. */
export function convertTools(tools: readonly Tool[]): Fields[] {
  const functionDeclarations = tools.map((tool, index) => {
    if (tool.type !== "function") {
      const param = `tools[${index}].type`;
      throw new AppError(
        "invalid_request",
        `${param}: ${tool.type.slice(0, 64)} cannot run on this endpoint. Remove it or choose another provider.`,
        { param },
      );
    }
    const { name, description, parameters } = (tool as FunctionTool).function;
    return {
      name,
      ...(description ? { description } : {}),
      ...(parameters ? { parametersJsonSchema: parameters } : {}),
    };
  });
  return [{ functionDeclarations }];
}

export function convertToolChoice(choice: ToolChoice): Fields {
  if (typeof choice === "string") {
    const modes = { none: "NONE", auto: "AUTO", required: "ANY" } as const;
    return { functionCallingConfig: { mode: modes[choice] } };
  }
  return {
    functionCallingConfig: { mode: "ANY", allowedFunctionNames: [choice.function?.name] },
  };
}
