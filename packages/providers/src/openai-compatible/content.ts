import type { Annotation, ImagePart, ReasoningDetail } from "@fairlead/openai";
import { readArray, readObject, readString } from "../shared/read.ts";

/** Text and reasoning of `content`: a string, or a list of parts as Mistral sends it. */
export function readContent(content: unknown): { text: string; reasoning: string } {
  if (typeof content === "string") {
    return { text: content, reasoning: "" };
  }
  let text = "";
  let reasoning = "";
  for (const item of readArray(content)) {
    const part = readObject(item);
    if (part?.type === "text") {
      text += readString(part.text);
    } else if (part?.type === "thinking") {
      for (const piece of readArray(part.thinking)) {
        reasoning += readString(readObject(piece)?.text);
      }
    }
  }
  return { text, reasoning };
}

/** Objects that have a `type`, as canonical lists of details, annotations and images require. */
export function readTyped<Item extends ReasoningDetail | Annotation | ImagePart>(
  value: unknown,
): readonly Item[] {
  return readArray(value).filter(
    (item) => typeof readObject(item)?.type === "string",
  ) as readonly Item[];
}
