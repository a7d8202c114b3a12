import { Buffer } from "node:buffer";
import { type JsonObject, parseObject, readArray, readObject } from "../shared/read.ts";

const opening = '"content":"';
/** Text that stands in JSON as it is: nothing escaped, nothing that would have to be. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them in a string.
const plain = /^[^"\\\u0000-\u001f]*$/;
/** Put in the text's place to see that it is the text, and that the event holds nothing else. */
const marker = "text";
/** Events learnt in vain, after which a stream is taken for one whose events differ in more. */
const attemptsMax = 8;

/**
 * Most events of a stream differ in their text alone. This keeps what surrounds the text of one of
 * them; where the next has the same around it, its text is what is between: comparing costs a
 * fraction of parsing.
 */
export class TextTemplate {
  #prefix = "";
  #suffix = "";
  #attempts = 0;

  /** The text of an event that equals the learnt one in all else; undefined of any other event. */
  match(data: string): string | undefined {
    const start = this.#prefix.length;
    const end = data.length - this.#suffix.length;
    if (
      start === 0 ||
      end < start ||
      data.slice(0, start) !== this.#prefix ||
      data.slice(end) !== this.#suffix
    ) {
      return undefined;
    }
    const text = data.slice(start, end);
    if (!plain.test(text)) {
      return undefined;
    }
    this.#attempts = 0;
    return text;
  }

  /** Keeps an event that was read in the ordinary way without a fault, if it is but text. */
  learn(data: string): void {
    const start = data.indexOf(opening) + opening.length;
    const end = data.indexOf('"', start);
    if (this.#attempts >= attemptsMax || start < opening.length || end < 0) {
      return;
    }
    this.#attempts += 1;
    const prefix = data.slice(0, start);
    const suffix = data.slice(end);
    const isPlain = plain.test(data.slice(start, end));
    if (isPlain && isOnlyText(parseObject(`${prefix}${marker}${suffix}`))) {
      this.#prefix = copy(prefix);
      this.#suffix = copy(suffix);
    }
  }
}

/** One choice, the first, that says nothing but the marker. */
function isOnlyText(event: JsonObject | undefined): boolean {
  const choices = readArray(event?.choices);
  const choice = readObject(choices[0]);
  const delta = readObject(choice?.delta);
  return (
    event !== undefined &&
    choice !== undefined &&
    delta !== undefined &&
    choices.length === 1 &&
    choice.index === 0 &&
    delta.content === marker &&
    areAbsent(event, ["error", "usage", "x_groq"]) &&
    areAbsent(choice, ["error", "finish_reason", "logprobs", "message"]) &&
    Object.keys(delta).every((key) => key === "content" || key === "role" || delta[key] === null)
  );
}

function areAbsent(object: JsonObject, fields: readonly string[]): boolean {
  return fields.every((field) => object[field] === undefined || object[field] === null);
}

/** A slice would keep the whole read alive that it was cut from. */
function copy(text: string): string {
  return Buffer.from(text).toString();
}
