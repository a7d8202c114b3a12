import type { ChatCompletion } from "@fairlead/openai";

/**
 * The JSON answer up to, not with, its closing brace and without `usage`: the gateway appends
 * `,"usage":{…}}` with the cost.
 */
export function encodeChatResponse(completion: ChatCompletion): string {
  return JSON.stringify(completion).slice(0, -1);
}
