/** What `docker image inspect` says of an image. */
export interface ImageFacts {
  /** Bytes. */
  size: number;
  /** Digests of the uncompressed layers, from the bottom up. */
  layers: string[];
}

/** The most that an image may weigh on top of its base, bytes. */
const SIZE_OVER_BASE_MAX = 60_000_000;

export function isTooLarge(bytesOverBase: number): boolean {
  return bytesOverBase > SIZE_OVER_BASE_MAX;
}

/** `13.6 MB over the base`, and the limit when that is over it. */
export function describeSize(bytesOverBase: number): string {
  const format = (bytes: number) => `${(bytes / 1_000_000).toFixed(1)} MB`;
  const limit = isTooLarge(bytesOverBase) ? `: the limit is ${format(SIZE_OVER_BASE_MAX)}` : "";
  return `${format(bytesOverBase)} over the base${limit}`;
}

/**
 * Bytes of an image on top of its base.
 *
 * @throws Error when the image is not made from that base, for then the difference says nothing.
 */
export function measureOverBase(image: ImageFacts, base: ImageFacts): number {
  if (base.layers.some((layer, index) => image.layers[index] !== layer)) {
    throw new Error("the base has changed since the image was built: build it anew");
  }
  return image.size - base.size;
}

/** @throws Error when `docker image inspect` printed something else than one image. */
export function parseImageFacts(printed: string): ImageFacts {
  const [image] = JSON.parse(printed);
  if (typeof image?.Size !== "number" || !Array.isArray(image?.RootFS?.Layers)) {
    throw new Error("the engine does not say the size and the layers of the image");
  }
  return { size: image.Size, layers: image.RootFS.Layers };
}

/** The image that the last stage of a Dockerfile starts from. */
export function findBase(dockerfile: string): string {
  const base = [...dockerfile.matchAll(/^FROM\s+(?:--\S+\s+)*(\S+)/gim)].at(-1)?.[1];
  if (base === undefined) {
    throw new Error("the Dockerfile has no FROM");
  }
  return base;
}
