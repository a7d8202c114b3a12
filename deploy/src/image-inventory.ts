/** An npm package in an image. */
export interface InstalledPackage {
  /** Absolute real path in the image. */
  path: string;
  name: string;
  version: string;
  /** As its package.json says: an SPDX expression, or words. */
  license?: string;
  /** Paths of the installed packages that it can import. */
  dependencies: string[];
}

/** What `inventory.ts` prints inside an image. */
export interface ImageInventory {
  /** Version of Node. */
  node: string;
  application: InstalledPackage;
  packages: InstalledPackage[];
  debian: { name: string; version: string; architecture: string }[];
}
