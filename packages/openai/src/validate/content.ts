import type { RequestLimits } from "../request-limits.ts";
import { describe, invalid, isObject, type JsonObject } from "./require.ts";

/**
 * `content` of a message: text or a list of parts. Paths are built only on failure, since this
 * runs for every part of every request.
 */
export function validateContent(
  content: unknown,
  messageIndex: number,
  limits: RequestLimits,
): void {
  if (typeof content === "string") {
    return;
  }
  const param = `messages[${messageIndex}].content`;
  if (!Array.isArray(content)) {
    throw invalid(param, `must be a string or an array of parts, not ${describe(content)}.`);
  }
  if (content.length === 0) {
    throw invalid(param, "must have at least one part.");
  }
  if (content.length > limits.partsMax) {
    throw invalid(param, `has ${content.length} parts; at most ${limits.partsMax} are taken.`);
  }
  for (let index = 0; index < content.length; index += 1) {
    const part: unknown = content[index];
    if (isObject(part) && part.type === "text" && typeof part.text === "string") {
      if (part.cache_control !== undefined) {
        validateCacheControl(part, `${param}[${index}]`);
      }
      continue;
    }
    validatePart(part, `${param}[${index}]`);
  }
}

function validatePart(part: unknown, param: string): void {
  if (!isObject(part)) {
    throw invalid(param, `must be an object with a type, not ${describe(part)}.`);
  }
  validateCacheControl(part, param);
  switch (part.type) {
    case "text":
      throw invalid(`${param}.text`, `must be a string, not ${describe(part.text)}.`);
    case "image_url":
      validateLink(part.image_url, `${param}.image_url`, "image/");
      return;
    case "video_url":
    case "input_video":
      validateLink(part.video_url, `${param}.video_url`, "video/");
      return;
    case "input_audio":
      validateAudio(part.input_audio, `${param}.input_audio`);
      return;
    case "file":
      validateFile(part.file, `${param}.file`);
      return;
    case "refusal":
      if (typeof part.refusal !== "string") {
        throw invalid(`${param}.refusal`, `must be a string, not ${describe(part.refusal)}.`);
      }
      return;
    default:
      throw invalid(
        `${param}.type`,
        "must be one of text, image_url, file, input_audio, video_url, refusal.",
      );
  }
}

function validateLink(link: unknown, param: string, mediaType: string): void {
  if (!isObject(link)) {
    throw invalid(param, `must be an object with a url, not ${describe(link)}.`);
  }
  if (typeof link.url !== "string") {
    throw invalid(`${param}.url`, `must be a string, not ${describe(link.url)}.`);
  }
  if (!isHttpUrl(link.url) && !isDataUrl(link.url, mediaType)) {
    throw invalid(
      `${param}.url`,
      `must begin with https://, http:// or data:${mediaType}<format>;base64, and hold data.`,
    );
  }
  if (link.detail !== undefined && link.detail !== null && typeof link.detail !== "string") {
    throw invalid(`${param}.detail`, `must be a string, not ${describe(link.detail)}.`);
  }
}

function validateAudio(audio: unknown, param: string): void {
  if (!isObject(audio)) {
    throw invalid(param, `must be an object with data and format, not ${describe(audio)}.`);
  }
  if (typeof audio.data !== "string" || audio.data === "" || audio.data.startsWith("data:")) {
    throw invalid(`${param}.data`, "must be bare base64 text, not a URL.");
  }
  if (typeof audio.format !== "string" || audio.format === "" || audio.format.length > 32) {
    throw invalid(`${param}.format`, 'must name the format, such as "wav" or "mp3".');
  }
}

function validateFile(file: unknown, param: string): void {
  if (!isObject(file)) {
    throw invalid(param, `must be an object with file_data or file_id, not ${describe(file)}.`);
  }
  if (file.filename !== undefined && typeof file.filename !== "string") {
    throw invalid(`${param}.filename`, `must be a string, not ${describe(file.filename)}.`);
  }
  if (file.file_id !== undefined && file.file_id !== null) {
    if (typeof file.file_id !== "string" || file.file_id === "") {
      throw invalid(`${param}.file_id`, `must be a string, not ${describe(file.file_id)}.`);
    }
    return;
  }
  const data = file.file_data;
  if (typeof data !== "string" || !(isHttpUrl(data) || isDataUrl(data, ""))) {
    throw invalid(
      `${param}.file_data`,
      "must be an https:// or http:// URL or a data:<type>;base64, URL (or give file_id).",
    );
  }
}

export function validateCacheControl(owner: JsonObject, param: string): void {
  const control = owner.cache_control;
  if (control === undefined) {
    return;
  }
  if (control === null) {
    owner.cache_control = undefined;
    return;
  }
  if (!isObject(control) || control.type !== "ephemeral") {
    throw invalid(`${param}.cache_control.type`, 'must be "ephemeral".');
  }
  const ttl = control.ttl;
  if (ttl !== undefined && ttl !== "5m" && ttl !== "1h") {
    throw invalid(`${param}.cache_control.ttl`, 'must be "5m" or "1h".');
  }
}

function isHttpUrl(url: string): boolean {
  const scheme = url.slice(0, 8).toLowerCase();
  return (
    (scheme === "https://" && url.length > 8) || (scheme.startsWith("http://") && url.length > 7)
  );
}

/** Looks at the head only: the data may be megabytes. */
function isDataUrl(url: string, mediaType: string): boolean {
  const head = url.slice(0, 256);
  if (
    !head
      .slice(0, 5 + mediaType.length)
      .toLowerCase()
      .startsWith(`data:${mediaType}`)
  ) {
    return false;
  }
  const comma = head.indexOf(",");
  return comma > 0 && head.slice(0, comma).endsWith(";base64") && url.length > comma + 1;
}
