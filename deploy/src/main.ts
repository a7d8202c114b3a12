import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createSbom } from "./create-sbom.ts";
import { readLockIntegrity } from "./lock-integrity.ts";
import {
  describeSize,
  findBase,
  type ImageFacts,
  isTooLarge,
  measureOverBase,
  parseImageFacts,
} from "./measure-image.ts";
import { Fault, type Options, readOptions, type Service, usage } from "./options.ts";
import { runCommand } from "./run-command.ts";

const repository = join(import.meta.dirname, "../..");
const dockerfile = "deploy/Dockerfile";

/** Builds what the options say, measures it and writes its bills of materials; the exit code. */
export function main(args: readonly string[]): number {
  try {
    const options = readOptions(args);
    if (options === "help") {
      process.stdout.write(usage);
      return 0;
    }
    return buildAll(options) ? 0 : 1;
  } catch (error) {
    if (error instanceof Fault) {
      process.stderr.write(`${error.message}\n`);
      return 1;
    }
    throw error;
  }
}

/** True when no image is too large; nothing is pushed else. */
function buildAll(options: Options): boolean {
  const version = JSON.parse(readText("package.json")).version;
  const revision = readRevision();
  for (const service of options.services) {
    const labels = { VERSION: version, REVISION: revision, SOURCE: options.source };
    build(options, service, labels);
  }
  const base = inspectBase(options);
  const integrity = readLockIntegrity(readText("pnpm-lock.yaml"));
  const folder = resolve(repository, options.sbomFolder);
  mkdirSync(folder, { recursive: true });
  let isSmall = true;
  for (const service of options.services) {
    const name = nameImage(options, service);
    const facts = inspect(options, name);
    const bytes = measureOverBase(facts, base);
    isSmall &&= !isTooLarge(bytes);
    const sbom = createSbom({
      image: `fairlead/${service}`,
      version,
      layers: facts.layers,
      inventory: takeInventory(options, name),
      integrity,
    });
    writeFileSync(join(folder, `${service}.cdx.json`), `${JSON.stringify(sbom, null, 2)}\n`);
    process.stdout.write(`${name}: ${describeSize(bytes)}\n`);
  }
  process.stdout.write(`Bills of materials: ${folder}\n`);
  if (isSmall && options.push) {
    for (const service of options.services) {
      runCommand([...options.engine, "push", nameImage(options, service)]);
    }
  }
  return isSmall;
}

function build(options: Options, service: Service, values: Record<string, string>): void {
  const buildArgs = Object.entries({ SERVICE: service, ...values }).flatMap(([name, value]) => [
    "--build-arg",
    `${name}=${value}`,
  ]);
  const image = ["--tag", nameImage(options, service), "--file", dockerfile];
  runCommand([...options.builder, ...buildArgs, ...image, "."], { folder: repository });
}

function nameImage(options: Options, service: Service): string {
  return `${options.prefix}fairlead/${service}:${options.tag}`;
}

/** BuildKit may keep a base for itself: it is pulled then, which finds its layers present. */
function inspectBase(options: Options): ImageFacts {
  const base = findBase(readText(dockerfile));
  const present = runCommand([...options.engine, "image", "ls", "--quiet", base], {
    capture: true,
  });
  if (present.trim() === "") {
    runCommand([...options.engine, "pull", base]);
  }
  return inspect(options, base);
}

function inspect(options: Options, image: string): ImageFacts {
  return parseImageFacts(
    runCommand([...options.engine, "image", "inspect", image], { capture: true }),
  );
}

function takeInventory(options: Options, image: string) {
  const isolated = ["--rm", "--interactive", "--network", "none", "--read-only"];
  const node = ["--input-type=module-typescript", "-"];
  return JSON.parse(
    runCommand([...options.engine, "run", ...isolated, image, ...node], {
      capture: true,
      input: readText("deploy/src/inventory.ts"),
    }),
  );
}

function readRevision(): string {
  const git = (...args: string[]) =>
    runCommand(["git", "-C", repository, ...args], { capture: true }).trim();
  const dirty = git("status", "--porcelain") === "" ? "" : "-dirty";
  return `${git("rev-parse", "HEAD")}${dirty}`;
}

function readText(path: string): string {
  return readFileSync(join(repository, path), "utf8");
}
