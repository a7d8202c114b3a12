import type { DescService } from "@bufbuild/protobuf";
import { AppError } from "@fairlead/errors";
import type { ServiceHandlers } from "./handler-types.ts";
import type { ServeLinkOptions } from "./link-options.ts";
import type { RpcServer } from "./server.ts";

/** A service and what serves it. */
export type LinkEntry<S extends DescService> = readonly [S, ServiceHandlers<S>];

/** Serves links: any number of services on the streams that peers open with `createLink`. */
export function serveLink<const T extends readonly DescService[]>(
  _server: RpcServer,
  _entries: { readonly [K in keyof T]: LinkEntry<T[K]> },
  _options: ServeLinkOptions = {},
): void {
  throw new AppError("internal", "No links yet.");
}
