import { parseArgs } from "node:util";

export const services = ["gateway", "router", "adapter", "ledger", "prober", "simulator"] as const;
export type Service = (typeof services)[number];

export interface Options {
  services: Service[];
  tag: string;
  /** Goes before `fairlead/<service>`, with its slash; empty for local names. */
  prefix: string;
  /** A command that takes the arguments of `docker build`, word by word. */
  builder: string[];
  /** A command that takes the other subcommands of `docker`, word by word. */
  engine: string[];
  push: boolean;
  /** For the label org.opencontainers.image.source; empty when not told. */
  source: string;
  sbomFolder: string;
}

export const usage = `Usage: node deploy/build-images.mjs [options]
  --only NAMES        some of ${services.join(",")}; all unless given
  --tag TAG           dev unless given
  --registry PREFIX   REGISTRY/PATH that goes before fairlead/<service>
  --push              push each image to its registry when all are built
  --builder COMMAND   what takes the arguments of "docker build", which it is unless given
  --engine COMMAND    what takes "image inspect", "run", "pull" and "push"; docker unless given
  --source URL        where the sources are, for the images' labels
  --sbom-folder PATH  for <service>.cdx.json; deploy/dist unless given
`;

const REGISTRY = /^[a-z0-9][a-z0-9.-]*(?::\d+)?(?:\/[a-z0-9][a-z0-9._-]*)*$/;

/** A fault of the person who calls: its message is all that they need. */
export class Fault extends Error {}

/** @throws Fault that names the option and what it takes. */
export function readOptions(args: readonly string[]): Options | "help" {
  const values = parse(args);
  if (values.help) {
    return "help";
  }
  const registry = values.registry.replace(/\/+$/, "");
  if (!/^[\w][\w.-]{0,127}$/.test(values.tag)) {
    throw new Fault(`--tag "${values.tag}": letters, digits, _ . - and at most 128 of them`);
  }
  if (registry !== "" && !REGISTRY.test(registry)) {
    throw new Fault(`--registry "${registry}": HOST[:PORT][/PATH] in small letters, no scheme`);
  }
  if (values.push && registry === "") {
    throw new Fault("--push: say where to with --registry");
  }
  return {
    services: readServices(values.only),
    tag: values.tag,
    prefix: registry === "" ? "" : `${registry}/`,
    builder: splitCommand("--builder", values.builder),
    engine: splitCommand("--engine", values.engine),
    push: values.push,
    source: values.source,
    sbomFolder: values["sbom-folder"],
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: "string", default: services.join(",") },
        tag: { type: "string", default: "dev" },
        registry: { type: "string", default: "" },
        push: { type: "boolean", default: false },
        builder: { type: "string", default: "docker build" },
        engine: { type: "string", default: "docker" },
        source: { type: "string", default: "" },
        "sbom-folder": { type: "string", default: "deploy/dist" },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new Fault(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
}

function readServices(names: string): Service[] {
  return names.split(",").map((name) => {
    const service = services.find((known) => known === name.trim());
    if (service === undefined) {
      throw new Fault(`--only "${name}": no such service, there are ${services.join(", ")}`);
    }
    return service;
  });
}

function splitCommand(option: string, command: string): string[] {
  const words = command.split(/\s+/).filter((word) => word !== "");
  if (words.length === 0) {
    throw new Fault(`${option} is empty: give a command, or leave it out`);
  }
  return words;
}
