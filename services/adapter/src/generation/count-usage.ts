import { type CountedUsage, completeUsage } from "../domain/complete-usage.ts";
import type { AnswerReader } from "./answer-reader.ts";

/** What an answer has used: in the provider's words if it is finished, else as far as it came. */
export function countUsage(
  reader: AnswerReader,
  isFinished: boolean,
  promptLength: number,
): CountedUsage {
  return completeUsage({
    usage: reader.usage,
    isFinished: isFinished || reader.finishReason !== undefined,
    promptLength,
    outputLength: reader.outputLength,
    outputEvents: reader.outputEvents,
  });
}
