import { isObject, type JsonObject } from "../dialects/json.ts";

export interface RecordedUsage {
  readonly prompt: number;
  readonly completion: number;
}

/** The largest usage named in a recording, whichever of the dialects' shapes it has. */
export function readRecordedUsage(texts: readonly string[]): RecordedUsage {
  let prompt = 0;
  let completion = 0;
  for (const text of texts) {
    const usage = findUsage(text);
    if (usage !== undefined) {
      prompt = Math.max(prompt, readPrompt(usage));
      completion = Math.max(completion, readCompletion(usage));
    }
  }
  return { prompt, completion };
}

function findUsage(text: string): JsonObject | undefined {
  const value: unknown = JSON.parse(text);
  if (!isObject(value)) {
    return undefined;
  }
  const message = isObject(value.message) ? value.message : {};
  return [value.usage, value.usageMetadata, message.usage].find(isObject);
}

function readPrompt(usage: JsonObject): number {
  const cached = count(usage.cache_read_input_tokens) + count(usage.cache_creation_input_tokens);
  return (
    count(usage.prompt_tokens) + count(usage.promptTokenCount) + count(usage.input_tokens) + cached
  );
}

function readCompletion(usage: JsonObject): number {
  return (
    count(usage.completion_tokens) +
    count(usage.output_tokens) +
    count(usage.candidatesTokenCount) +
    count(usage.thoughtsTokenCount)
  );
}

function count(value: unknown): number {
  return typeof value === "number" ? value : 0;
}
