import { once } from "node:events";
import { type ClientHttp2Session, connect } from "node:http2";
import { AdapterService } from "@fairlead/proto/adapter/v1/adapter";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createRpcServer, type RpcServer } from "../grpc/server.ts";
import { receiveWindowBytes } from "../limits.ts";
import { silentLogger, unusedHandlers } from "./serve-adapter.test-helper.ts";
import { serveLink } from "./serve-link.ts";

describe("the receive window of a server of links", () => {
  let server: RpcServer;
  let session: ClientHttp2Session;

  beforeEach(async () => {
    server = createRpcServer({ logger: silentLogger });
    serveLink(server, [[AdapterService, unusedHandlers]]);
    const port = await server.listen("127.0.0.1", 0);
    session = connect(`http://127.0.0.1:${port}`);
    await once(session, "remoteSettings");
  });
  afterEach(() => {
    session.destroy();
    server.close();
  });

  function open(path: string): void {
    const stream = session.request({
      ":method": "POST",
      ":path": path,
      "content-type": "application/grpc",
      te: "trailers",
    });
    stream.on("error", () => undefined);
    stream.resume();
  }

  it("holds a long prompt, of the stream and of its connection", async () => {
    open("/fairlead.link.v1.LinkService/Connect");
    await once(session, "remoteSettings");
    expect(session.remoteSettings.initialWindowSize).toBe(receiveWindowBytes);
    await expect.poll(() => session.state.remoteWindowSize).toBe(receiveWindowBytes);
  });

  it("stays that of HTTP/2 for other calls", async () => {
    open("/fairlead.adapter.v1.AdapterService/AcknowledgeUsage");
    await new Promise((resolve) => session.ping(resolve));
    expect(session.remoteSettings.initialWindowSize).toBe(65_535);
    expect(session.state.remoteWindowSize).toBe(65_535);
  });
});
