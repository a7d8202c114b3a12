import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createLogger } from "@fairlead/kit";
import { createCa, startTlsNats, type TestCa, type TlsServer } from "@fairlead/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { connectBus } from "./connect-bus.ts";

const logger = createLogger({ service: "bus-test", level: "silent" });

let ca: TestCa;
let stranger: TestCa;
let nats: TlsServer;
const closers: (() => unknown)[] = [];

beforeAll(async () => {
  ca = createCa();
  stranger = createCa();
  nats = await startTlsNats(ca.issue("localhost"));
});
afterEach(async () => {
  for (const close of closers.splice(0)) {
    await close();
  }
});
afterAll(async () => {
  await nats?.stop();
  ca?.remove();
  stranger?.remove();
});

function connect(url: string, caFile: string | undefined) {
  const tls = caFile === undefined ? undefined : { caFile };
  return connectBus({ url, name: "test", logger, tls, startTimeoutMs: 300 });
}

/** A server that greets as NATS without TLS does, and remembers what it is told. */
async function startPlainServer(port = 0) {
  const told = { text: "", connections: 0 };
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    told.connections += 1;
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("data", (data) => {
      told.text += data.toString();
    });
    socket.write('INFO {"server_id":"x","version":"2.11.0","proto":1,"max_payload":1000000}\r\n');
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  closers.push(() => {
    for (const socket of sockets) {
      socket.destroy();
    }
    server.close();
  });
  return { told, port: (server.address() as AddressInfo).port };
}

describe("a bus with NATS_TLS_CA", () => {
  it("works with a server that the CA vouches for", async () => {
    const bus = await connect(nats.url, ca.caFile);
    closers.push(() => bus.close());
    await bus.ensureStreams(1);
    expect(bus.isConnected).toBe(true);
  });

  it("refuses a server of another CA, and says why", async () => {
    await expect(connect(nats.url, stranger.caFile)).rejects.toThrow(
      /NATS_TLS_CA does not vouch for/,
    );
  });

  it("refuses a server of another name", async () => {
    const other = await startTlsNats(ca.issue("elsewhere.internal"));
    closers.push(() => other.stop());
    await expect(connect(other.url, ca.caFile)).rejects.toThrow(/elsewhere\.internal/);
  });

  it("tells a server without TLS nothing, least of all its password", async () => {
    const { told, port } = await startPlainServer();
    await expect(connect(`nats://user:hunter2@127.0.0.1:${port}`, ca.caFile)).rejects.toThrow(
      /speaks no TLS/,
    );
    expect(told.connections).toBeGreaterThan(0);
    expect(told.text).toBe("");
  });

  it("tells nothing to a server that is without TLS when it comes back", async () => {
    const first = await startTlsNats(ca.issue("localhost"));
    const bus = await connect(first.url, ca.caFile);
    closers.push(() => bus.close());
    await first.stop();
    await expect.poll(() => bus.isConnected).toBe(false);
    const { told } = await startPlainServer(first.port);
    await expect.poll(() => told.connections, { timeout: 10_000 }).toBeGreaterThan(1);
    expect(told.text).toBe("");
    expect(bus.isConnected).toBe(false);
  });
});

describe("a bus without NATS_TLS_CA", () => {
  it("refuses a server whose certificate nobody known to the machine signed", async () => {
    await expect(connect(nats.url, undefined)).rejects.toThrow(/NATS_TLS_CA/);
  });
});
