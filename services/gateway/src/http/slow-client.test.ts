import { connect, type Socket } from "node:net";
import { Outcome } from "@fairlead/proto/usage/v1/usage";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { endWell } from "../test-platform/answers.test-helper.ts";
import {
  startPlatform,
  type TestPlatform,
  until,
} from "../test-platform/start-platform.test-helper.ts";
import type { GenerateCall } from "../test-platform/state.test-helper.ts";

const EVENT = Buffer.from(`data: ${"x".repeat(16_000)}\n\n`);
const EVENTS = 2_000;
let platform: TestPlatform;

beforeEach(async () => {
  platform = await startPlatform({ slowClientMs: 300, abortGraceMs: 100 });
});
afterEach(() => platform.close());

/** Sends 32 MB as fast as the link lets it. */
function sendMuch(call: GenerateCall, onSent: (count: number) => void): void {
  let sent = 0;
  const go = () => {
    while (sent < EVENTS) {
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
    let sent = 0;
    platform.state.generate = (_request, call) =>
      sendMuch(call, (count) => {
        sent = count;
      });
    const socket = ask();
    socket.pause();
    await until(() => sent > 10);
    const bill = await platform.bill();
    // Kernel buffers take a few megabytes on loopback; the rest was never sent.
    expect(sent).toBeLessThan(EVENTS);
    expect(bill.outcome).toBe(Outcome.CANCELLED);
    expect(bill.costNano).toBeGreaterThan(0n);
    socket.destroy();
  });

  it("gets everything when it reads in the end", async () => {
    platform.state.generate = (_request, call) => sendMuch(call, () => undefined);
    const socket = ask();
    socket.pause();
    await until(() => platform.state.generated.length === 1);
    setTimeout(() => socket.resume(), 100);
    let bytes = 0;
    let tail = "";
    socket.on("data", (chunk) => {
      bytes += chunk.length;
      tail = (tail + chunk.toString("latin1")).slice(-100);
    });
    const bill = await platform.bill();
    expect(bill.outcome).toBe(Outcome.COMPLETED);
    await until(() => tail.includes("[DONE]"));
    expect(bytes).toBeGreaterThan(EVENT.length * EVENTS);
    socket.destroy();
  });
});
