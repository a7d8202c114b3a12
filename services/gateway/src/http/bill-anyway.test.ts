import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { UsageDraft } from "../domain/usage-draft.ts";
import {
  startPlatform,
  type TestPlatform,
  until,
} from "../test-platform/start-platform.test-helper.ts";

const chat = { model: "acme/one", messages: [{ role: "user", content: "hi" }] };
const fault = new Error("a fault of our own");

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.close());
afterEach(() => void vi.restoreAllMocks());

it("leaves the bill of an answer whose hold cannot be settled", async () => {
  vi.spyOn(platform.gateway.leases, "settle").mockImplementation(() => {
    throw fault;
  });
  expect((await platform.post(chat)).status).toBe(200);
  expect((await platform.bill()).costNano).toBe(20_000n);
  await until(() => platform.gateway.openRequests === 0);
});

it("ends a request whose bill cannot be made, and leaves it to the worker's copy", async () => {
  const finish = vi.spyOn(UsageDraft.prototype, "finish").mockImplementation(() => {
    throw fault;
  });
  const settle = vi.spyOn(platform.gateway.leases, "settle");
  expect((await platform.post(chat)).status).toBe(200);
  await until(() => platform.gateway.openRequests === 0);
  expect(finish).toHaveBeenCalledOnce();
  expect(settle).toHaveBeenCalledOnce();
  expect(platform.state.acknowledged).not.toContain(platform.state.generated.at(-1)?.generationId);
});
