import { type JsonObject, readObjects, readString } from "../json.ts";
import { Refusal } from "../refusal.ts";

export interface MessageText {
  readonly characters: number;
  readonly lastUserText: string;
}

/** Checks roles, empty text and the pairing of tool blocks as Anthropic does. */
export function readMessages(value: unknown): MessageText {
  const messages = readObjects(value, "messages");
  if (messages.length === 0) {
    throw new Refusal(400, "messages: at least one message is required");
  }
  let characters = 0;
  let lastUserText = "";
  let awaited: readonly unknown[] = [];
  for (const [index, message] of messages.entries()) {
    checkRole(message, index);
    const blocks = readBlocks(message.content, index);
    checkToolPairs(blocks, index, awaited);
    const text = joinText(blocks, index);
    characters += text.length + measureToolText(blocks);
    if (message.role === "user") {
      lastUserText = text === "" ? lastUserText : text;
    }
    awaited = blocks.filter(({ type }) => type === "tool_use").map(({ id }) => id);
  }
  if (awaited.length > 0) {
    throw unansweredTools(messages.length - 1, awaited);
  }
  return { characters, lastUserText };
}

function checkRole(message: JsonObject, index: number): void {
  if (message.role === "system") {
    throw new Refusal(
      400,
      'messages: Unexpected role "system". The Messages API accepts a top-level `system` parameter, not "system" as an input message role.',
    );
  }
  if (message.role !== "user" && message.role !== "assistant") {
    throw new Refusal(400, `messages.${index}.role: Input should be 'user' or 'assistant'`);
  }
  if (index === 0 && message.role !== "user") {
    throw new Refusal(400, 'messages: first message must use the "user" role');
  }
}

function readBlocks(content: unknown, index: number): readonly JsonObject[] {
  if (typeof content === "string") {
    return [{ type: "text", text: content }];
  }
  const blocks = readObjects(content, `messages.${index}.content`);
  if (blocks.length === 0) {
    throw new Refusal(400, `messages.${index}: all messages must have non-empty content`);
  }
  return blocks;
}

/** Each `tool_use` needs its `tool_result` in the very next message, and the other way round. */
function checkToolPairs(
  blocks: readonly JsonObject[],
  index: number,
  awaited: readonly unknown[],
): void {
  const results = blocks
    .filter(({ type }) => type === "tool_result")
    .map(({ tool_use_id }) => tool_use_id);
  const missing = awaited.filter((id) => !results.includes(id));
  if (missing.length > 0) {
    throw unansweredTools(index - 1, missing);
  }
  const stray = results.find((id) => !awaited.includes(id));
  if (stray !== undefined) {
    throw new Refusal(
      400,
      `messages.${index}.content.0: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${String(stray)}. ` +
        "Each `tool_result` block must have a corresponding `tool_use` block in the previous message.",
    );
  }
}

function unansweredTools(index: number, ids: readonly unknown[]): Refusal {
  return new Refusal(
    400,
    `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${ids.join(", ")}. ` +
      "Each `tool_use` block must have a corresponding `tool_result` block in the next message.",
  );
}

function joinText(blocks: readonly JsonObject[], index: number): string {
  let text = "";
  for (const block of blocks) {
    if (block.type !== "text") {
      continue;
    }
    if (readString(block.text) === "") {
      throw new Refusal(400, `messages.${index}: text content blocks must be non-empty`);
    }
    text += readString(block.text);
  }
  return text;
}

function measureToolText(blocks: readonly JsonObject[]): number {
  let characters = 0;
  for (const block of blocks) {
    if (block.type === "tool_use") {
      characters += JSON.stringify(block.input ?? {}).length;
    } else if (block.type === "tool_result") {
      characters += measureResult(block.content);
    }
  }
  return characters;
}

function measureResult(content: unknown): number {
  if (typeof content === "string") {
    return content.length;
  }
  let characters = 0;
  for (const block of readObjects(content, "tool_result.content")) {
    characters += readString(block.text).length;
  }
  return characters;
}
