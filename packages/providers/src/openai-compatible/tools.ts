import { AppError } from "@fairlead/errors";
import type { Tool } from "@fairlead/openai";

/** Tools without cache marks. A tool that only a gateway or another vendor can run is refused. */
export function convertTools(tools: readonly Tool[]): unknown[] {
  return tools.map((tool, index) => {
    if (tool.type.startsWith("openrouter:")) {
      throw new AppError(
        "invalid_request",
        `tools[${index}].type: ${tool.type.slice(0, 64)} cannot run on this endpoint. Remove it or choose another provider.`,
        { param: `tools[${index}].type` },
      );
    }
    if (!("cache_control" in tool)) {
      return tool;
    }
    const { cache_control: _mark, ...rest } = tool;
    return rest;
  });
}
