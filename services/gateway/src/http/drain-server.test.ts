import { createServer, request, type Server, type ServerResponse } from "node:http";
import { once } from "node:events";
import { type AddressInfo, connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { until } from "../test-platform/start-platform.test-helper.ts";
import { watchConnections } from "./connections.ts";
import { drainServer } from "./drain-server.ts";

let server: Server;
const answers: ServerResponse[] = [];

beforeEach(async () => {
  answers.length = 0;
  server = createServer((_request, response) => void answers.push(response));
  watchConnections(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(() => {
  vi.useRealTimers();
  server.closeAllConnections();
});

/** Sends a request on a connection of its own that it keeps; resolves with how it ended. */
async function ask(): Promise<{ readonly ended: Promise<"answered" | "cut"> }> {
  const { port } = server.address() as AddressInfo;
  const before = answers.length;
  const sent = request({ port, host: "127.0.0.1", headers: { connection: "keep-alive" } });
  const ended = new Promise<"answered" | "cut">((resolve) => {
    sent.on("response", (response) => response.resume().on("end", () => resolve("answered")));
    sent.on("error", () => resolve("cut"));
  });
  sent.end();
  await until(() => answers.length > before);
  return { ended };
}

it("cuts open answers at once when its time is over before it begins", async () => {
  const { ended } = await ask();
  await drainServer(server, AbortSignal.abort(), 0);
  expect(await ended).toBe("cut");
});

it("answers what came on an idle connection while the process was busy elsewhere", async () => {
  const keepIdleMs = 2_000;
  const { ended } = await ask();
  answers[0]?.end();
  expect(await ended).toBe("answered");
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  let text = "";
  socket.setEncoding("utf8").on("data", (part: string) => (text += part));
  const drained = drainServer(server, new AbortController().signal, keepIdleMs);
  // Until the connection has been looked at.
  await delay(300);
  // What runs here is followed by timers, and only then by what sockets have to read.
  await new Promise(setImmediate);
  socket.write("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
  const busyUntilMs = performance.now() + 1.5 * keepIdleMs;
  while (performance.now() < busyUntilMs);
  await until(() => answers.length > 1);
  answers[1]?.end("late");
  await until(() => text.includes("late"));
  await drained;
});

it("leaves a connection alone while an answer is under way, and closes it once it is idle", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
  const { ended } = await ask();
  let isDrained = false;
  void drainServer(server, new AbortController().signal, 0).then(() => {
    isDrained = true;
  });
  vi.advanceTimersByTime(60_000);
  answers[0]?.end("late");
  expect(await ended).toBe("answered");
  await until(() => {
    vi.advanceTimersByTime(2_000);
    return isDrained;
  });
});

it("keeps an idle connection for the first part of the drain, in which its client may come back", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
  const { ended } = await ask();
  answers[0]?.end();
  expect(await ended).toBe("answered");
  const { port } = server.address() as AddressInfo;
  const accepted = once(server, "connection");
  const socket = connect(port, "127.0.0.1");
  let isClosed = false;
  socket.on("close", () => {
    isClosed = true;
  });
  await accepted;
  let isDrained = false;
  void drainServer(server, new AbortController().signal, 30_000).then(() => {
    isDrained = true;
  });
  vi.advanceTimersByTime(29_000);
  // A close would have been seen by now.
  await delay(100);
  expect(isClosed).toBe(false);
  vi.advanceTimersByTime(1_000);
  await until(() => isClosed);
  await until(() => isDrained);
});
