import { isObject, type JsonObject, readObjects, readString } from "../json.ts";
import { Refusal } from "../refusal.ts";

export interface ContentText {
  readonly characters: number;
  readonly lastUserText: string;
}

/** Checks roles, empty parts and the order of function turns as Gemini does. */
export function readContents(value: unknown): ContentText {
  const contents = readObjects(value, "contents");
  if (contents.length === 0) {
    throw new Refusal(400, "* GenerateContentRequest.contents: contents is not specified\n");
  }
  let characters = 0;
  let lastUserText = "";
  let callsBefore = 0;
  for (const [index, content] of contents.entries()) {
    const role = content.role ?? "user";
    if (role !== "user" && role !== "model" && role !== "function") {
      throw new Refusal(400, "Please use a valid role: user, model.");
    }
    const parts = readParts(content, index);
    const responses = parts.filter((part) => isObject(part.functionResponse)).length;
    if (responses !== callsBefore && (responses > 0 || callsBefore > 0)) {
      throw new Refusal(
        400,
        "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.",
      );
    }
    callsBefore = parts.filter((part) => isObject(part.functionCall)).length;
    const text = joinText(parts);
    characters += text.length + measureFunctions(parts);
    if (role === "user" && text !== "") {
      lastUserText = text;
    }
  }
  return { characters, lastUserText };
}

function readParts(content: JsonObject, index: number): readonly JsonObject[] {
  const parts = readObjects(content.parts, `contents[${index}].parts`);
  if (parts.length === 0) {
    throw new Refusal(
      400,
      `* GenerateContentRequest.contents[${index}].parts: contents.parts must not be empty.\n`,
    );
  }
  return parts;
}

function joinText(parts: readonly JsonObject[]): string {
  let text = "";
  for (const part of parts) {
    text += readString(part.text);
  }
  return text;
}

function measureFunctions(parts: readonly JsonObject[]): number {
  let characters = 0;
  for (const { functionCall, functionResponse } of parts) {
    if (isObject(functionCall)) {
      characters += JSON.stringify(functionCall.args ?? {}).length;
    }
    if (isObject(functionResponse)) {
      characters += JSON.stringify(functionResponse.response ?? {}).length;
    }
  }
  return characters;
}
