import { AppError } from "@fairlead/errors";
import type { LinkOptions } from "./link-options.ts";
import type { Link } from "./link-types.ts";

/** Opens a link to the process at `address` and keeps it open until `close`. */
export function createLink(address: string, _options: LinkOptions): Link {
  throw new AppError("internal", `No link to ${address} yet.`);
}
