import { Spec, Validation } from "@cyclonedx/cyclonedx-library";
import { describe, expect, it } from "vitest";
import { createSbom, type SbomInput } from "./create-sbom.ts";
import type { InstalledPackage } from "./image-inventory.ts";

const MODULES = "/app/node_modules/.pnpm";

/** As npm writes it, of 64 equal bytes. */
const integrity = (byte: number) => `sha512-${Buffer.alloc(64, byte).toString("base64")}`;

function install(name: string, version: string, extra: Partial<InstalledPackage> = {}) {
  const path = `${MODULES}/${name.replace("/", "+")}@${version}/node_modules/${name}`;
  return { path, name, version, license: "MIT", dependencies: [], ...extra };
}

function makeInput(change: Partial<SbomInput> = {}): SbomInput {
  const long = install("long", "5.3.2", { license: "Apache-2.0" });
  const grpc = install("@grpc/grpc-js", "1.14.7", { dependencies: [long.path] });
  const kit = install("@fairlead/kit", "0.1.0", { license: "Apache-2.0" });
  const application = {
    ...install("@fairlead/prober", "0.1.0", { dependencies: [grpc.path, kit.path] }),
    path: "/app",
  };
  return {
    image: "fairlead/prober",
    version: "0.1.0",
    layers: ["sha256:aa", "sha256:bb"],
    inventory: {
      node: "24.21.0",
      application,
      packages: [grpc, kit, long],
      debian: [{ name: "libstdc++6", version: "12.2.0-14+deb12u1", architecture: "amd64" }],
    },
    integrity: new Map([
      ["@grpc/grpc-js@1.14.7", integrity(7)],
      ["long@5.3.2", integrity(8)],
    ]),
    ...change,
  };
}

function withPackage(extra: InstalledPackage): SbomInput {
  const input = makeInput();
  const { inventory } = input;
  return { ...input, inventory: { ...inventory, packages: [...inventory.packages, extra] } };
}

describe("createSbom", () => {
  it("keeps to the schema of CycloneDX", async () => {
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
    const sbom = createSbom(withPackage(install("@fairlead/odd", "1.0.0", { license: "SEE IT" })));
    expect(await validator.validate(JSON.stringify(sbom))).toBeNull();
    expect(await validator.validate(JSON.stringify({ ...sbom, extra: 1 }))).not.toBeNull();
  });

  it("names each package with its version, licence and integrity", () => {
    expect(createSbom(makeInput()).components).toContainEqual({
      type: "library",
      "bom-ref": "pkg:npm/%40grpc/grpc-js@1.14.7",
      group: "@grpc",
      name: "grpc-js",
      version: "1.14.7",
      hashes: [{ alg: "SHA-512", content: "07".repeat(64) }],
      licenses: [{ expression: "MIT" }],
      purl: "pkg:npm/%40grpc/grpc-js@1.14.7",
    });
  });

  it("has Node and the packages of the system", () => {
    const references = createSbom(makeInput()).components.map((each) => each.purl);
    expect(references).toContain("pkg:generic/node@24.21.0");
    expect(references).toContain("pkg:deb/debian/libstdc%2B%2B6@12.2.0-14%2Bdeb12u1?arch=amd64");
  });

  it("says who needs whom, from the image down, by references that all exist", () => {
    const sbom = createSbom(makeInput());
    const needs = new Map(sbom.dependencies.map((each) => [each.ref, each.dependsOn]));
    expect(needs.get("fairlead/prober@0.1.0")).toContain("pkg:npm/%40fairlead/prober@0.1.0");
    expect(needs.get("pkg:npm/%40fairlead/prober@0.1.0")).toEqual([
      "pkg:npm/%40fairlead/kit@0.1.0",
      "pkg:npm/%40grpc/grpc-js@1.14.7",
    ]);
    expect(needs.get("pkg:npm/%40grpc/grpc-js@1.14.7")).toEqual(["pkg:npm/long@5.3.2"]);
    const known = new Set(sbom.components.map((each) => each["bom-ref"]));
    expect([...needs.values()].flat().filter((reference) => !known.has(reference))).toEqual([]);
    expect(known.size).toBe(sbom.components.length);
  });

  it("lists a version once that is installed twice, with the needs of both", () => {
    const twin = install("@grpc/grpc-js", "1.14.7", {
      path: `${MODULES}/twin/node_modules/@grpc/grpc-js`,
      dependencies: [install("@fairlead/kit", "0.1.0").path],
    });
    const sbom = createSbom(withPackage(twin));
    const grpc = "pkg:npm/%40grpc/grpc-js@1.14.7";
    expect(sbom.components.filter((each) => each["bom-ref"] === grpc)).toHaveLength(1);
    expect(sbom.dependencies.find((each) => each.ref === grpc)?.dependsOn).toEqual([
      "pkg:npm/%40fairlead/kit@0.1.0",
      "pkg:npm/long@5.3.2",
    ]);
  });

  it.each([
    ["(MIT OR Apache-2.0)", { expression: "(MIT OR Apache-2.0)" }],
    ["SEE LICENSE IN LICENSE.md", { license: { name: "SEE LICENSE IN LICENSE.md" } }],
    ["UNLICENSED", { license: { name: "UNLICENSED" } }],
  ])("writes the licence %s", (license, expected) => {
    const sbom = createSbom(withPackage(install("@fairlead/extra", "1.0.0", { license })));
    const extra = sbom.components.find((each) => each.name === "extra");
    expect(extra?.licenses).toEqual([expected]);
  });

  it("refuses a package of the service that the lock file does not have", () => {
    expect(() => createSbom(withPackage(install("smuggled", "6.6.6")))).toThrow(
      "smuggled@6.6.6 is in the image, but not in pnpm-lock.yaml",
    );
  });

  it("is the same for the same image, and has a number of its own for another", () => {
    expect(createSbom(makeInput())).toEqual(createSbom(makeInput()));
    const { serialNumber } = createSbom(makeInput());
    expect(serialNumber).toMatch(
      /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(createSbom(makeInput({ layers: ["sha256:cc"] })).serialNumber).not.toBe(serialNumber);
  });
});
