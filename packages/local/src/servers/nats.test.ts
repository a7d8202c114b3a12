import { createServer, type Server } from "node:net";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { checkNats, describeConfiguration, isNats } from "./nats.ts";

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
  }
});

/** A server that greets with this text. */
async function greet(text: string): Promise<string> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.end(text);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `nats://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("checkNats", () => {
  it("takes a server with JetStream, wherever it stands in the list", async () => {
    const url = await greet('INFO {"server_id":"x","jetstream":true}\r\n');
    await checkNats(`nats://127.0.0.1:1,${url}`);
    expect(await isNats(url)).toBe(true);
  });

  it.each([
    ['INFO {"server_id":"x"}\r\n', /JetStream off: start it with `nats-server -js`/],
    ["HTTP/1.1 400 Bad Request\r\n", /No NATS server answers at NATS_URL/],
  ])("refuses one that greets with %j", async (greeting, message) => {
    await expect(checkNats(await greet(greeting))).rejects.toThrow(message);
  });

  it("refuses an address where nothing listens, and what is no address", async () => {
    await expect(checkNats("nats://127.0.0.1:1")).rejects.toThrow(/No NATS server answers/);
    await expect(checkNats("nats://:bad:")).rejects.toThrow(/write it as nats:/);
  });
});

describe("describeConfiguration", () => {
  it("writes every message to the disk before it is acknowledged", () => {
    const text = describeConfiguration({ host: "127.0.0.1", port: 4, storeFolder: '/a "b"' });
    expect(text).toContain("sync_interval: always");
    expect(text).toContain('store_dir: "/a \\"b\\""');
    expect(text).toContain('listen: "127.0.0.1:4"');
  });
});
