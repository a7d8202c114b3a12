import { UsageSource } from "@fairlead/proto/usage/v1/usage";
import { Agent, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { text as readText } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { chooseKeepIdleMs, drainGateway } from "./drain-gateway.ts";
import { endWell } from "./test-platform/answers.test-helper.ts";
import type { GenerateCall } from "./test-platform/state.test-helper.ts";
import {
  startPlatform,
  type TestPlatform,
  until,
} from "./test-platform/start-platform.test-helper.ts";

const body = { model: "acme/one", stream: true, messages: [{ role: "user", content: "Hi" }] };
let platform: TestPlatform;

beforeEach(async () => {
  platform = await startPlatform({ abortGraceMs: 20_000 });
});

afterEach(async () => {
  await platform.close();
});

/** Opens a stream whose end the test decides, and waits for its first bytes. */
async function openStream() {
  const calls: GenerateCall[] = [];
  platform.state.generate = (_request, call) => {
    call.send({ event: { case: "start", value: {} } });
    call.send(Buffer.from('data: {"choices":[{"delta":{"content":"he"}}]}\n\n'));
    calls.push(call);
  };
  const response = await platform.post(body);
  await until(() => calls.length === 1);
  return { response, call: calls[0] as GenerateCall };
}

it.each([
  [5_000, 2_500],
  [90_000, 45_000],
  [900_000, 60_000],
])("of a drain of %d ms, keeps idle connections for %d", (drainTimeoutMs, expected) => {
  expect(chooseKeepIdleMs(drainTimeoutMs)).toBe(expected);
});

describe("drainGateway", () => {
  it("waits for an open stream, and closes its lease with its bill", async () => {
    const { response, call } = await openStream();
    const drained = drainGateway({ ...platform, keepIdleMs: 0 }, AbortSignal.timeout(20_000));
    await delay(300);
    expect(platform.state.closedLeases).toEqual([]);
    endWell(call);
    expect(await response.text()).toContain("[DONE]");
    await drained;
    expect(platform.state.events).toHaveLength(1);
    expect(platform.state.closedLeases).toEqual([{ spentNano: 20_000n, billsBefore: 1 }]);
  });

  it("answers what comes at once on the connection of a stream that ends, and then closes it", async () => {
    const { port } = platform.server.address() as AddressInfo;
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ask = (): Promise<IncomingMessage> =>
      new Promise((resolve, reject) => {
        const headers = {
          authorization: `Bearer ${platform.key}`,
          "content-type": "application/json",
        };
        const path = "/api/v1/chat/completions";
        const options = { agent, port, path, method: "POST", headers };
        request(options, resolve).on("error", reject).end(JSON.stringify(body));
      });
    const calls: GenerateCall[] = [];
    platform.state.generate = (_request, call) => {
      call.send({ event: { case: "start", value: {} } });
      call.send(Buffer.from('data: {"choices":[{"delta":{"content":"he"}}]}\n\n'));
      calls.push(call);
    };
    const first = await ask();
    const { socket } = first;
    platform.state.isDraining = true;
    const parts = { ...platform, keepIdleMs: 10_000 };
    const drained = drainGateway(parts, AbortSignal.timeout(20_000));
    endWell(calls[0] as GenerateCall);
    expect(first.headers.connection).toBe("keep-alive");
    expect(await readText(first)).toContain("[DONE]");
    // As a client that does something else first.
    await delay(300);
    const second = await ask();
    expect(second.socket).toBe(socket);
    expect(second.headers.connection).toBe("close");
    await until(() => calls.length === 2);
    endWell(calls[1] as GenerateCall);
    expect(await readText(second)).toContain("[DONE]");
    await drained;
    expect(socket.destroyed).toBe(true);
    agent.destroy();
  });

  it("cuts what lasts too long, and waits for its bill before the lease goes back", async () => {
    const { response, call } = await openStream();
    const { state } = platform;
    const answer = setInterval(() => {
      if (state.aborted.length > 0) {
        clearInterval(answer);
        // The worker takes its time to say what was used.
        setTimeout(() => {
          const usage = { promptTokens: 10n, completionTokens: 2n, source: UsageSource.COUNTED };
          call.send({ event: { case: "end", value: { usage } } });
          call.end();
        }, 400);
      }
    }, 5);
    const text = response.text().catch((error: Error) => error);
    await drainGateway({ ...platform, keepIdleMs: 0 }, AbortSignal.timeout(200));
    expect(await text).toBeInstanceOf(Error);
    expect(state.events).toEqual([expect.objectContaining({ costNano: 14_000n })]);
    expect(state.closedLeases).toEqual([{ spentNano: 14_000n, billsBefore: 1 }]);
  });
});

describe("a gateway that drains", () => {
  it("ends each connection with its answer, so that its clients come back to another", async () => {
    const before = await platform.post({ ...body, stream: false });
    expect(before.headers.get("connection")).toBe("keep-alive");
    await before.arrayBuffer();
    platform.state.isDraining = true;
    const after = await platform.post({ ...body, stream: false });
    expect(after.status).toBe(200);
    expect(after.headers.get("connection")).toBe("close");
    await after.arrayBuffer();
  });
});
