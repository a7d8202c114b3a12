import type { Annotation } from "@fairlead/openai";
import { readObject, readString } from "../shared/read.ts";

/**
 * A citation of a web page as the public annotation. Citations of documents have no public form
 * and give undefined.
 */
export function convertCitation(
  value: unknown,
  startIndex: number,
  endIndex: number,
): Annotation | undefined {
  const citation = readObject(value);
  const url = readString(citation?.url);
  if (citation === undefined || url === "") {
    return undefined;
  }
  return {
    type: "url_citation",
    url_citation: {
      url,
      title: readString(citation.title),
      content: readString(citation.cited_text),
      start_index: startIndex,
      end_index: endIndex,
    },
  };
}
