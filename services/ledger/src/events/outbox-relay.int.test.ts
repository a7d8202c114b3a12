import { connect, createServer, type Server, type Socket } from "node:net";
import { type Bus, connectBus, subjects } from "@fairlead/bus";
import { KeysChangedSchema } from "@fairlead/proto/events/v1/events";
import { startNats, type TestNats } from "@fairlead/testing";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { addToOutbox } from "../store/outbox-store.ts";
import { logger, startTestLedger, type TestLedger } from "../testing/test-ledger.ts";
import { OutboxRelay } from "./outbox-relay.ts";

const PATIENCE = { timeout: 20_000, interval: 50 };

let ledger: TestLedger;
let nats: TestNats;
let proxy: Proxy;
let listener: Bus;
let sender: Bus;

beforeAll(async () => {
  [ledger, nats] = await Promise.all([startTestLedger(), startNats()]);
  proxy = await startProxy(nats.url);
  listener = await connectBus({ url: nats.url, name: "listener", logger });
  sender = await connectBus({ url: proxy.url, name: "sender", logger });
});

afterAll(async () => {
  await sender.close();
  await listener.close();
  proxy.close();
  await nats.stop();
  await ledger.close();
});

interface Proxy {
  readonly url: string;
  /** From now on nothing reaches the broker, though the connection seems to be there. */
  swallow(): void;
  /** Cuts what is open; what is opened then works. */
  breakOff(): void;
  close(): void;
}

async function startProxy(target: string): Promise<Proxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let isSwallowing = false;
  const server: Server = createServer((client) => {
    const broker = connect(Number(port), hostname);
    for (const socket of [client, broker]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
    }
    client.on("data", (bytes) => {
      if (!isSwallowing) {
        broker.write(bytes);
      }
    });
    broker.pipe(client);
    client.on("close", () => broker.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const breakOff = () => {
    isSwallowing = false;
    for (const socket of sockets) {
      socket.destroy();
    }
    sockets.clear();
  };
  return {
    url: `nats://127.0.0.1:${typeof address === "object" ? address?.port : ""}`,
    swallow: () => {
      isSwallowing = true;
    },
    breakOff,
    close: () => {
      breakOff();
      server.close();
    },
  };
}

async function countOutbox(): Promise<number> {
  const { rows } = await ledger.pool.query("SELECT count(*)::integer AS n FROM outbox");
  return rows[0].n;
}

describe("the relay of the outbox", () => {
  it("sends again what a connection swallowed as it broke, and then forgets it", async () => {
    const seen = new Set<string>();
    listener.subscribe(KeysChangedSchema, subjects.keysChanged, ({ keyIds }) => {
      for (const keyId of keyIds) {
        seen.add(keyId);
      }
    });
    await listener.flush(5_000);
    const keyIds = Array.from({ length: 20 }, (_, index) => `key-${index}`);
    for (const keyId of keyIds) {
      await addToOutbox(ledger.pool, KeysChangedSchema, subjects.keysChanged, { keyIds: [keyId] });
    }
    proxy.swallow();
    const publish = vi.spyOn(sender, "publish");
    const relay = new OutboxRelay({ pool: ledger.pool, bus: sender, logger });
    try {
      relay.wake();
      // All of a drain are published in one turn; on a slow machine there was a second drain by
      // now.
      await vi.waitFor(
        () => expect(publish.mock.calls.length).toBeGreaterThanOrEqual(keyIds.length),
        PATIENCE,
      );
      const sentInVain = publish.mock.calls.length;
      expect(seen.size).toBe(0);
      proxy.breakOff();
      await vi.waitFor(() => expect([...seen].sort()).toEqual([...keyIds].sort()), PATIENCE);
      expect(publish.mock.calls.length).toBeGreaterThanOrEqual(sentInVain + keyIds.length);
      await vi.waitFor(async () => expect(await countOutbox()).toBe(0), PATIENCE);
    } finally {
      await relay.close();
    }
  });
});
