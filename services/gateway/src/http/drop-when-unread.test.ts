import { createServer, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { until } from "../test-platform/start-platform.test-helper.ts";
import { dropWhenUnread } from "./drop-when-unread.ts";

/** More than the kernel holds for a reader that is slow. */
const ANSWER = Buffer.alloc(20_000_000, "x");
const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) {
    close();
  }
});

/** A client whose request `answer` was called with, and that has read nothing yet. */
async function ask(answer: (response: ServerResponse) => void) {
  const seen: ServerResponse[] = [];
  const server = createServer((_request, response) => {
    seen.push(response);
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
  client.on("error", () => undefined);
  client.pause();
  client.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  closers.push(() => {
    client.destroy();
    server.closeAllConnections();
    server.close();
  });
  await until(() => seen.length === 1);
  return { client, response: seen[0] as ServerResponse };
}

/** Reads at this rate, also after a moment in which the machine was busy. */
function readSlowly(client: Socket, bytesPerMs: number): () => number {
  const startedMs = performance.now();
  let bytes = 0;
  const mayRead = () => bytes < (performance.now() - startedMs) * bytesPerMs;
  client.on("data", (chunk) => {
    bytes += chunk.length;
    if (!mayRead()) {
      client.pause();
    }
  });
  const timer = setInterval(() => mayRead() && client.resume(), 10);
  closers.push(() => clearInterval(timer));
  return () => bytes;
}

describe("dropWhenUnread", () => {
  it("lets a client that reads slowly have all of it, however long that takes", async () => {
    const limitMs = 2_000;
    const { client, response } = await ask((it) => {
      it.end(ANSWER);
      dropWhenUnread(it, limitMs);
    });
    const startedMs = performance.now();
    // The kernel takes the next piece of the answer about twice a second.
    const readBytes = readSlowly(client, 3_000);
    await until(() => response.destroyed, 25_000);
    expect(response.writableFinished).toBe(true);
    expect(performance.now() - startedMs).toBeGreaterThan(limitMs);
    await until(() => readBytes() > ANSWER.length);
  });

  it("drops a client that reads nothing, be the answer complete or not", async () => {
    for (const send of ["end", "write"] as const) {
      const { response } = await ask((it) => {
        it[send](ANSWER);
        dropWhenUnread(it, 100);
      });
      await until(() => response.destroyed);
      expect(response.writableFinished).toBe(false);
    }
  });

  it("drops nobody once it is called off, nor when all was read", async () => {
    const { client, response } = await ask((it) => {
      it.write(ANSWER);
      dropWhenUnread(it, 100)();
    });
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(response.destroyed).toBe(false);
    client.resume();
    await until(() => response.writableLength === 0);
    dropWhenUnread(response, 100);
    response.end();
    await until(() => response.writableFinished);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(client.destroyed).toBe(false);
  });
});
