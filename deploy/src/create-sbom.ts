import { createHash } from "node:crypto";
import type { ImageInventory, InstalledPackage } from "./image-inventory.ts";

export interface SbomInput {
  /** Such as `fairlead/gateway`. */
  image: string;
  version: string;
  /** Digests of the image's uncompressed layers, from the base up: what this is the bill of. */
  layers: readonly string[];
  inventory: ImageInventory;
  /** By `name@version`, see `readLockIntegrity`. */
  integrity: ReadonlyMap<string, string>;
}

interface Component {
  type: "application" | "library" | "platform";
  "bom-ref": string;
  name: string;
  group?: string;
  version: string;
  purl: string;
  hashes?: { alg: string; content: string }[];
  licenses?: ({ expression: string } | { license: { name: string } })[];
}

export interface Sbom {
  bomFormat: "CycloneDX";
  specVersion: "1.6";
  serialNumber: string;
  version: number;
  metadata: { component: object };
  components: Component[];
  dependencies: { ref: string; dependsOn: string[] }[];
}

const WORKSPACE = "@fairlead/";
const SPDX = /^\(?[\w.+-]+(?: (?:AND|OR|WITH) \(?[\w.+-]+\)?)*\)?$/;

/**
 * The bill of materials of an image as CycloneDX 1.6: its packages with licences, integrity and who
 * needs whom, Node and the packages of Debian. The same image gives the same bytes.
 *
 * @throws Error when a package of the service is not in the lock file: the image then holds what
 * nobody reviewed.
 */
export function createSbom(input: SbomInput): Sbom {
  const { inventory } = input;
  const installed = [inventory.application, ...inventory.packages];
  const byPath = new Map(installed.map((each) => [each.path, createReference(each)]));
  const libraries = mergeByReference(
    installed.map((each) => describePackage(each, input.integrity)),
  );
  const edges = mergeEdges(installed, byPath);
  const root = `${input.image}@${input.version}`;
  const platform = [describeNode(inventory.node), ...inventory.debian.map(describeDebian)];
  const components = [...libraries, ...platform].sort(compareReferences);
  const content = {
    metadata: {
      component: {
        type: "container",
        "bom-ref": root,
        name: input.image,
        version: input.version,
        properties: input.layers.map((value) => ({ name: "fairlead:layer", value })),
      },
    },
    components,
    dependencies: [
      {
        ref: root,
        dependsOn: [
          createReference(inventory.application),
          ...platform.map((each) => each["bom-ref"]),
        ].sort(),
      },
      ...edges,
    ],
  };
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: createSerialNumber(JSON.stringify(content)),
    version: 1,
    ...content,
  };
}

function createReference({ name, version }: { name: string; version: string }): string {
  return `pkg:npm/${name.replace(/^@/, "%40")}@${encodeURIComponent(version)}`;
}

function describePackage(each: InstalledPackage, integrity: SbomInput["integrity"]): Component {
  const [group, name] = each.name.startsWith("@")
    ? each.name.split("/", 2)
    : [undefined, each.name];
  const hash = integrity.get(`${each.name}@${each.version}`);
  if (hash === undefined && !each.name.startsWith(WORKSPACE)) {
    throw new Error(`${each.name}@${each.version} is in the image, but not in pnpm-lock.yaml`);
  }
  return {
    type: each.path === "/app" ? "application" : "library",
    "bom-ref": createReference(each),
    ...(group !== undefined && { group }),
    name: name ?? each.name,
    version: each.version,
    ...(hash !== undefined && { hashes: [describeHash(hash)] }),
    ...(each.license !== undefined && { licenses: [describeLicense(each.license)] }),
    purl: createReference(each),
  };
}

/** `sha512-<base64>` of npm to the name and the hexadecimal of CycloneDX. */
function describeHash(integrity: string): { alg: string; content: string } {
  const [algorithm = "", value = ""] = integrity.split("-", 2);
  return {
    alg: algorithm.toUpperCase().replace("SHA", "SHA-"),
    content: Buffer.from(value, "base64").toString("hex"),
  };
}

function describeLicense(license: string) {
  return SPDX.test(license) && license !== "UNLICENSED"
    ? { expression: license }
    : { license: { name: license } };
}

function describeNode(version: string): Component {
  const purl = `pkg:generic/node@${version}`;
  return { type: "platform", "bom-ref": purl, name: "node", version, purl };
}

function describeDebian(each: ImageInventory["debian"][number]): Component {
  const version = encodeURIComponent(each.version);
  const purl = `pkg:deb/debian/${encodeURIComponent(each.name)}@${version}?arch=${each.architecture}`;
  return { type: "library", "bom-ref": purl, name: each.name, version: each.version, purl };
}

/** One version of a package may be installed more than once, for other peers. */
function mergeByReference(components: readonly Component[]): Component[] {
  return [...new Map(components.map((each) => [each["bom-ref"], each])).values()];
}

function mergeEdges(installed: readonly InstalledPackage[], byPath: ReadonlyMap<string, string>) {
  const edges = new Map<string, Set<string>>();
  for (const each of installed) {
    const reference = createReference(each);
    const needs = edges.get(reference) ?? new Set();
    for (const path of each.dependencies) {
      const needed = byPath.get(path);
      if (needed !== undefined && needed !== reference) {
        needs.add(needed);
      }
    }
    edges.set(reference, needs);
  }
  return [...edges]
    .map(([ref, needs]) => ({ ref, dependsOn: [...needs].sort() }))
    .sort((a, b) => (a.ref < b.ref ? -1 : 1));
}

function compareReferences(a: Component, b: Component): number {
  return a["bom-ref"] < b["bom-ref"] ? -1 : 1;
}

/** A UUID made of the content (version 8), so that it changes when and only when that does. */
function createSerialNumber(content: string): string {
  const hex = createHash("sha256").update(content).digest("hex");
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`];
  return `urn:uuid:${[...parts, `${variant}${hex.slice(17, 20)}`, hex.slice(20, 32)].join("-")}`;
}
