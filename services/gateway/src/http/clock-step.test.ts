import { mintApiKey } from "@fairlead/kit";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { answerWell, candidate, failWith } from "../test-platform/answers.test-helper.ts";
import { startPlatform, type TestPlatform } from "../test-platform/start-platform.test-helper.ts";

const MINUTE_MS = 60_000;
const chat = { model: "acme/one", messages: [{ role: "user", content: "hi" }] };

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.close());
afterEach(() => void vi.restoreAllMocks());

/** As an operator or a time server would set the machine's clock. */
function stepClock(byMs: number): void {
  const real = Date.now;
  vi.spyOn(Date, "now").mockImplementation(() => real() + byMs);
}

it("does not lock a limited key out when the clock is set back", async () => {
  const key = mintApiKey("inference");
  platform.addKey(key, { keyId: "limited", accountId: "account-1", requestsPerMinute: 600 });
  const authorization = `Bearer ${key}`;
  expect((await platform.post(chat, { authorization })).status).toBe(200);
  stepClock(-10 * MINUTE_MS);
  expect((await platform.post(chat, { authorization })).status).toBe(200);
});

it("neither gives up nor bills an hour when the clock is set forward during a request", async () => {
  const { state } = platform;
  state.plan = () => ({ candidates: [candidate("one"), candidate("two")] });
  state.generate = (request, call) => {
    if (request.attempt === 1) {
      stepClock(60 * MINUTE_MS);
      failWith(call, {});
    } else {
      answerWell(request, call);
    }
  };
  expect((await platform.post(chat)).status).toBe(200);
  expect((await platform.bill()).durationMs).toBeLessThan(MINUTE_MS);
});
