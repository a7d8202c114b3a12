/** A `data:` URL's media type and its base64 text; undefined for any other URL. */
export function parseDataUrl(url: string): { mediaType: string; data: string } | undefined {
  if (url.slice(0, 5).toLowerCase() !== "data:") {
    return undefined;
  }
  const comma = url.indexOf(",");
  if (comma === -1) {
    return undefined;
  }
  const mediaType = (url.slice(5, comma).split(";", 1)[0] ?? "").toLowerCase();
  return { mediaType, data: url.slice(comma + 1) };
}
