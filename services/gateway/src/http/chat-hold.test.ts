import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startPlatform, type TestPlatform } from "../test-platform/start-platform.test-helper.ts";

vi.mock("./json-answer.ts", () => ({
  JsonAnswer: class {
    constructor() {
      throw new Error("a bug");
    }
  },
}));

let platform: TestPlatform;

beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.close());

describe("a request that breaks between its hold and its first attempt", () => {
  it("holds nothing for ever", async () => {
    const body = { model: "acme/one", messages: [{ role: "user", content: "hi" }] };
    // The first may find no lease yet; the second holds in the same tick.
    for (let turn = 0; turn < 2; turn += 1) {
      const response = await platform.post(body);
      expect(response.status).toBe(500);
    }
    expect(platform.gateway.leases.totals()).toMatchObject({ holds: 0, heldNano: 0n });
    // What works meanwhile does not hold for ever either.
    const streamed = await platform.post({ ...body, stream: true });
    expect(await streamed.text()).toContain("[DONE]");
    expect(platform.gateway.leases.totals()).toMatchObject({ leases: 1, holds: 0, heldNano: 0n });
  });
});
