import type { Annotation, ImagePart } from "@fairlead/openai";
import { type JsonObject, readArray, readObject, readString } from "../shared/read.ts";

/** An image in a part, as the public `images` take it. */
export function readImage(part: JsonObject): ImagePart | undefined {
  const inline = readObject(part.inlineData);
  const mediaType = readString(inline?.mimeType);
  const data = readString(inline?.data);
  return mediaType.startsWith("image/") && data !== ""
    ? { type: "image_url", image_url: { url: `data:${mediaType};base64,${data}` } }
    : undefined;
}

/** Pages that a grounded answer rests on. */
export function readGrounding(candidate: JsonObject): readonly Annotation[] {
  const annotations: Annotation[] = [];
  for (const item of readArray(readObject(candidate.groundingMetadata)?.groundingChunks)) {
    const web = readObject(readObject(item)?.web);
    const url = readString(web?.uri);
    if (url !== "") {
      annotations.push({
        type: "url_citation",
        url_citation: { url, title: readString(web?.title) },
      });
    }
  }
  return annotations;
}
