import { anthropic } from "./anthropic/index.ts";
import type { Dialect, DialectName } from "./dialect.ts";
import { gemini } from "./gemini/index.ts";
import { openai } from "./openai/index.ts";

export const dialects = { openai, anthropic, gemini } as const satisfies Record<
  DialectName,
  Dialect
>;
