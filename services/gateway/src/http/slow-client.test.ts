import { connect, type Socket } from "node:net";
import { Outcome } from "@fairlead/proto/usage/v1/usage";
import { afterEach, describe, expect, it } from "vitest";
import { endWell } from "../test-platform/answers.test-helper.ts";
import {
  startPlatform,
  type TestPlatform,
  until,
} from "../test-platform/start-platform.test-helper.ts";
import type { GenerateCall } from "../test-platform/state.test-helper.ts";

const EVENT = Buffer.from(`data: ${"x".repeat(16_000)}\n\n`);
/** What is under way of one call when its client stops reading: the windows of its link. */
const HELD_BYTES_MAX = 4_000_000;
let platform: TestPlatform;

afterEach(() => platform.close());

/** Sends as fast as the link lets it. */
function sendMuch(call: GenerateCall, events: number, onSent: (count: number) => void): void {
  let sent = 0;
  const go = () => {
    while (sent < events) {
      sent += 1;
      onSent(sent);
      if (!call.send(EVENT)) {
        return;
      }
    }
    endWell(call);
  };
  call.onDrain(go);
  call.send({ event: { case: "start", value: {} } });
  go();
}

function ask(): Socket {
  const url = new URL(platform.url);
  const socket = connect(Number(url.port), url.hostname);
  const body = JSON.stringify({
    model: "acme/one",
    stream: true,
    messages: [{ role: "user", content: "hi" }],
  });
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${platform.key}\r\n` +
      `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  socket.on("error", () => undefined);
  return socket;
}

describe("a client that reads slowly", () => {
  it("stops its own worker call at a bounded amount, and is dropped when it never reads", async () => {
    platform = await startPlatform({ slowClientMs: 1_500, abortGraceMs: 100 });
    const sockets: Socket[] = [];
    platform.server.on("connection", (socket) => sockets.push(socket));
    let sent = 0;
    let heldBytes = 0;
    platform.state.generate = (_request, call) =>
      sendMuch(call, Number.POSITIVE_INFINITY, (count) => {
        sent = count;
      });
    const socket = ask();
    socket.pause();
    await until(() => {
      // What the gateway holds itself; the kernel may take some megabytes more.
      heldBytes = Math.max(heldBytes, ...sockets.map((it) => it.writableLength));
      return platform.state.events.length > 0;
    }, 25_000);
    const bill = await platform.bill();
    expect(sent).toBeGreaterThan(10);
    expect(heldBytes).toBeGreaterThan(0);
    expect(heldBytes).toBeLessThan(HELD_BYTES_MAX);
    expect(bill.outcome).toBe(Outcome.CANCELLED);
    expect(bill.costNano).toBeGreaterThan(0n);
    socket.destroy();
  });

  it("gets everything when it reads in the end", async () => {
    platform = await startPlatform();
    const events = 2_000;
    let sent = 0;
    platform.state.generate = (_request, call) =>
      sendMuch(call, events, (count) => {
        sent = count;
      });
    const socket = ask();
    socket.pause();
    await until(() => sent > 10);
    let bytes = 0;
    let tail = "";
    socket.on("data", (chunk) => {
      bytes += chunk.length;
      tail = (tail + chunk.toString("latin1")).slice(-100);
    });
    socket.resume();
    await until(() => tail.includes("[DONE]"), 25_000);
    expect(bytes).toBeGreaterThan(EVENT.length * events);
    expect((await platform.bill()).outcome).toBe(Outcome.COMPLETED);
    socket.destroy();
  });
});
