import { UsageSource } from "@fairlead/proto/usage/v1/usage";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { drainGateway } from "./drain-gateway.ts";
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
  platform = await startPlatform({ abortGraceMs: 2_000 });
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

describe("drainGateway", () => {
  it("waits for an open stream, and closes its lease with its bill", async () => {
    const { response, call } = await openStream();
    const drained = drainGateway(platform, AbortSignal.timeout(20_000));
    setTimeout(() => endWell(call), 300);
    expect(await response.text()).toContain("[DONE]");
    await drained;
    expect(platform.state.events).toHaveLength(1);
    expect(platform.state.closedLeases).toEqual([{ spentNano: 20_000n, billsBefore: 1 }]);
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
    await drainGateway(platform, AbortSignal.timeout(200));
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
