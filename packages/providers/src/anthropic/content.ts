import { Buffer } from "node:buffer";
import { AppError } from "@fairlead/errors";
import type { ContentPart, FilePart } from "@fairlead/openai";
import { parseDataUrl } from "../shared/data-url.ts";

export type Block = Readonly<Record<string, unknown>>;

/** Content of a message as Anthropic's blocks; empty text, which it refuses, is left out. */
export function convertContent(
  content: string | readonly ContentPart[] | null | undefined,
  param: string,
): Block[] {
  if (typeof content === "string") {
    return content === "" ? [] : [{ type: "text", text: content }];
  }
  const blocks: Block[] = [];
  for (const [index, part] of (content ?? []).entries()) {
    const block = convertPart(part, `${param}[${index}]`);
    if (block !== undefined) {
      const mark = "cache_control" in part ? part.cache_control : undefined;
      blocks.push(mark ? { ...block, cache_control: mark } : block);
    }
  }
  return blocks;
}

function convertPart(part: ContentPart, param: string): Block | undefined {
  switch (part.type) {
    case "text":
      return part.text === "" ? undefined : { type: "text", text: part.text };
    case "refusal":
      return part.refusal === "" ? undefined : { type: "text", text: part.refusal };
    case "image_url":
      return { type: "image", source: convertImage(part.image_url.url) };
    case "file":
      return convertFile(part, param);
    default:
      throw new AppError(
        "invalid_request",
        `${param}.type: this endpoint takes no ${part.type}. Remove it or choose another model.`,
        { param: `${param}.type` },
      );
  }
}

function convertImage(url: string): Block {
  const inline = parseDataUrl(url);
  return inline === undefined
    ? { type: "url", url }
    : { type: "base64", media_type: inline.mediaType, data: inline.data };
}

function convertFile(part: FilePart, param: string): Block {
  const { file_data: data, file_id: fileId, filename } = part.file;
  const title = filename ? { title: filename } : {};
  if (fileId !== undefined && fileId !== null) {
    return { type: "document", source: { type: "file", file_id: fileId }, ...title };
  }
  const inline = parseDataUrl(data ?? "");
  if (inline === undefined) {
    return { type: "document", source: { type: "url", url: data }, ...title };
  }
  if (inline.mediaType === "application/pdf") {
    const source = { type: "base64", media_type: inline.mediaType, data: inline.data };
    return { type: "document", source, ...title };
  }
  if (inline.mediaType.startsWith("image/")) {
    return {
      type: "image",
      source: { type: "base64", media_type: inline.mediaType, data: inline.data },
    };
  }
  if (inline.mediaType.startsWith("text/")) {
    const text = Buffer.from(inline.data, "base64").toString("utf8");
    return {
      type: "document",
      source: { type: "text", media_type: "text/plain", data: text },
      ...title,
    };
  }
  throw new AppError(
    "invalid_request",
    `${param}.file.file_data: this endpoint takes PDF, text and image files, not ${inline.mediaType.slice(0, 64)}.`,
    { param: `${param}.file.file_data` },
  );
}
