import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const REPOSITORY = resolve(fileURLToPath(new URL(".", import.meta.url)), "../..");

/** State of what runs on this machine: never committed. */
export const FAIRLEAD_FOLDER = resolve(REPOSITORY, process.env.FAIRLEAD_HOME || ".fairlead");

export const REPORT_FOLDER = join(FAIRLEAD_FOLDER, "bench");
