import { AppError } from "@fairlead/errors";
import type { ContentPart, FilePart } from "@fairlead/openai";
import { parseDataUrl } from "../shared/data-url.ts";

export type Part = Readonly<Record<string, unknown>>;

/** Content of a message as Gemini's parts; empty text is left out. */
export function convertContent(
  content: string | readonly ContentPart[] | null | undefined,
  param: string,
): Part[] {
  if (typeof content === "string") {
    return content === "" ? [] : [{ text: content }];
  }
  const parts: Part[] = [];
  for (const [index, part] of (content ?? []).entries()) {
    const converted = convertPart(part, `${param}[${index}]`);
    if (converted !== undefined) {
      parts.push(converted);
    }
  }
  return parts;
}

function convertPart(part: ContentPart, param: string): Part | undefined {
  switch (part.type) {
    case "text":
      return part.text === "" ? undefined : { text: part.text };
    case "refusal":
      return part.refusal === "" ? undefined : { text: part.refusal };
    case "image_url":
      return convertUrl(part.image_url.url, "image/jpeg");
    case "video_url":
    case "input_video":
      return convertUrl(part.video_url.url, "video/mp4");
    case "input_audio": {
      const { format, data } = part.input_audio;
      return { inlineData: { mimeType: `audio/${format.toLowerCase()}`, data } };
    }
    case "file":
      return convertFile(part, param);
    default:
      throw new AppError("invalid_request", `${param}.type: is unknown to this endpoint.`, {
        param: `${param}.type`,
      });
  }
}

function convertFile(part: FilePart, param: string): Part {
  const { file_data: data, file_id: fileId } = part.file;
  if (typeof fileId === "string") {
    return { fileData: { fileUri: fileId } };
  }
  if (data === undefined) {
    throw new AppError("invalid_request", `${param}.file.file_data: is required.`, {
      param: `${param}.file.file_data`,
    });
  }
  return convertUrl(data, "application/pdf");
}

/** Gemini fetches http URLs itself, and wants to be told the type. */
function convertUrl(url: string, fallbackType: string): Part {
  const inline = parseDataUrl(url);
  if (inline !== undefined) {
    return { inlineData: { mimeType: inline.mediaType || fallbackType, data: inline.data } };
  }
  return { fileData: { mimeType: guessMediaType(url) ?? fallbackType, fileUri: url } };
}

const mediaTypes: ReadonlyMap<string, string> = new Map([
  ["png", "image/png"],
  ["jpg", "image/jpeg"],
  ["jpeg", "image/jpeg"],
  ["webp", "image/webp"],
  ["gif", "image/gif"],
  ["pdf", "application/pdf"],
  ["mp4", "video/mp4"],
  ["webm", "video/webm"],
  ["mov", "video/quicktime"],
]);

function guessMediaType(url: string): string | undefined {
  const extension = /\.([a-z0-9]{3,4})(?:[?#]|$)/i.exec(url.slice(0, 4_096))?.[1];
  return extension === undefined ? undefined : mediaTypes.get(extension.toLowerCase());
}
