import type { ContentPart, UserMessage } from "@fairlead/openai";

/** Content for dialects without names of speakers: the name stands before the first words. */
export function nameSpeaker({ name, content }: UserMessage): string | readonly ContentPart[] {
  if (typeof name !== "string" || name === "" || content.length === 0) {
    return content;
  }
  if (typeof content === "string") {
    return `${name}: ${content}`;
  }
  const position = content.findIndex(({ type }) => type === "text");
  return content.map((part, index) =>
    index === position && part.type === "text" ? { ...part, text: `${name}: ${part.text}` } : part,
  );
}
