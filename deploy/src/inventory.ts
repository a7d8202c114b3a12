// Runs inside an image, by its own Node, from standard input: prints what is installed there, as
// JSON of the form in image-inventory.ts. Alone, for nothing else of this folder is in the image.
import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";

interface Manifest {
  name?: string;
  version?: string;
  license?: unknown;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

const application = "/app";

/** Every package's folder, its real path, below a `node_modules`. */
function* listPackages(modules: string): Generator<string> {
  for (const entry of existsSync(modules) ? readdirSync(modules, { withFileTypes: true }) : []) {
    const path = join(modules, entry.name);
    if (!entry.isDirectory()) {
      continue; // A link: its target is listed where it is.
    }
    if (entry.name.startsWith("@")) {
      yield* listPackages(path);
    } else if (entry.name === ".pnpm") {
      for (const name of readdirSync(path)) {
        yield* listPackages(join(path, name, "node_modules"));
      }
    } else if (existsSync(join(path, "package.json"))) {
      yield path;
      yield* listPackages(join(path, "node_modules"));
    }
  }
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

/** Where Node finds `name` from `folder`; undefined when it is not installed. */
function findPackage(folder: string, name: string): string | undefined {
  for (let at = folder; at !== dirname(at); at = dirname(at)) {
    const candidate = join(at, "node_modules", name);
    if (basename(at) !== "node_modules" && existsSync(candidate)) {
      return realpathSync(candidate);
    }
  }
  return undefined;
}

function describePackage(folder: string) {
  const manifest = readManifest(folder);
  const wanted = Object.keys({
    ...manifest.dependencies,
    ...manifest.optionalDependencies,
    ...manifest.peerDependencies,
  });
  return {
    path: folder,
    name: manifest.name,
    version: manifest.version,
    license: typeof manifest.license === "string" ? manifest.license : undefined,
    dependencies: wanted.flatMap((name) => findPackage(folder, name) ?? []),
  };
}

function listDebian() {
  const status = "/var/lib/dpkg/status";
  const records = existsSync(status) ? readFileSync(status, "utf8").split("\n\n") : [];
  return records.flatMap((record) => {
    const field = (name: string) => new RegExp(`^${name}: (.+)$`, "m").exec(record)?.[1];
    return field("Status") === "install ok installed"
      ? [
          {
            name: field("Package"),
            version: field("Version"),
            architecture: field("Architecture"),
          },
        ]
      : [];
  });
}

process.stdout.write(
  JSON.stringify({
    node: process.versions.node,
    application: describePackage(application),
    packages: [...listPackages(join(application, "node_modules"))].sort().map(describePackage),
    debian: listDebian(),
  }),
);
