import { subscribe } from "node:diagnostics_channel";
import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { LinkService } from "@fairlead/proto/link/v1/link";
import { receiveWindowBytes } from "../limits.ts";
import { methodPath } from "../method.ts";

const linkPath = methodPath(LinkService.method.connect);
let isSubscribed = false;

/**
 * Widens what this process receives on links from the 64 KiB of HTTP/2, which make a prompt of
 * 400 kB wait for half a dozen round trips. grpc-js has an option for it in its client only, and
 * its server does not show its sessions; Node's own channel of new streams does.
 */
export function widenLinkWindows(): void {
  if (!isSubscribed) {
    isSubscribed = true;
    subscribe("http2.server.stream.created", widen);
  }
}

function widen(message: unknown): void {
  const { stream, headers } = message as {
    readonly stream: ServerHttp2Stream;
    readonly headers: IncomingHttpHeaders;
  };
  const { session } = stream;
  if (headers[":path"] === linkPath && session !== undefined && !session.destroyed) {
    // The stream's share of it, and the connection's.
    session.settings({ initialWindowSize: receiveWindowBytes });
    session.setLocalWindowSize(receiveWindowBytes);
  }
}
