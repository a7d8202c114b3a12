import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { RequestRecord } from "../record/request-record.ts";
import { createSimulator } from "../simulator.ts";
import { joinContent, type Patience, readEvents, sendRaw } from "./raw-client.test-helper.ts";

const simulator = createSimulator();
beforeAll(() => simulator.listen());
afterAll(() => simulator.close());
beforeEach(() => simulator.reset());

/** Long enough for what comes, when nothing more is to come. */
const SILENCE_MS = 250;

const ask = (script: string, isStream = true, patience?: Patience) =>
  sendRaw(simulator.url, { model: `sim?${script}`, stream: isStream }, patience);

/** The record of the only request, once its connection has ended. */
async function readRecord(): Promise<RequestRecord | undefined> {
  await expect.poll(() => simulator.requests()[0]?.outcome).not.toBeNull();
  return simulator.requests()[0];
}

describe("faults before the answer", () => {
  it.each([true, false])("answers a status in the provider's shape (stream %s)", async (stream) => {
    const answer = await ask("fault=status:429&retry_after=7&message=slow%20down", stream);
    expect(answer.head).toMatch(/^HTTP\/1.1 429 /);
    expect(answer.head).toContain("retry-after: 7");
    expect(JSON.parse(answer.body.toString()).error).toMatchObject({ message: "slow down" });
    expect(await readRecord()).toMatchObject({ outcome: "faulted", status: 429, promptTokens: 0 });
  });

  it("closes, resets or holds the connection", async () => {
    expect(await ask("fault=refuse")).toMatchObject({ end: "closed", text: "" });
    expect(await ask("fault=reset")).toMatchObject({ end: "reset", text: "" });
    const held = await ask("fault=hang", true, { events: 0, silenceMs: SILENCE_MS });
    expect(held).toMatchObject({ end: "timeout", text: "" });
    await expect.poll(() => simulator.requests().length).toBe(3);
  });

  it("answers 200 with nothing, or with HTML", async () => {
    const empty = await ask("fault=empty");
    expect(empty.head).toMatch(/200 OK[\s\S]*text\/event-stream/);
    expect(empty.body).toHaveLength(0);
    const garbage = await ask("fault=garbage", false);
    expect(garbage.head).toContain("text/html");
    expect(garbage.body.toString()).toMatch(/^<html>/);
  });

  it("waits before the head", async () => {
    const startedAt = performance.now();
    await ask("latency=40&tokens=1");
    expect(performance.now() - startedAt).toBeGreaterThan(35);
  });

  it("sends a header as long as asked", async () => {
    const answer = await ask("fault=huge_header:20000&tokens=2");
    expect(answer.head.length).toBeGreaterThan(20_000);
    expect(await readRecord()).toMatchObject({ outcome: "completed", fault: "huge_header" });
  });
});

describe("faults of a stream", () => {
  it("opens and ends without content", async () => {
    const events = readEvents(await ask("fault=role_only"));
    expect(events).toHaveLength(2);
    expect(events[0]).toContain('"role":"assistant"');
    expect(events[1]).toBe("[DONE]");
  });

  it("sends an error first, or after some content", async () => {
    expect(readEvents(await ask("fault=error_first"))).toEqual([
      expect.stringMatching(/^\{"error":\{/),
    ]);
    const events = readEvents(await ask("fault=error_after:3"));
    expect(events).toHaveLength(1 + 3 + 1);
    expect(events.at(-1)).toMatch(/^\{"error":\{/);
  });

  it("stalls with the connection open", async () => {
    const answer = await ask("fault=stall:4", true, { events: 1 + 4, silenceMs: SILENCE_MS });
    expect(answer.end).toBe("timeout");
    expect(readEvents(answer)).toHaveLength(1 + 4);
    expect(await readRecord()).toMatchObject({
      outcome: "faulted",
      isClientGone: true,
      completionTokensWritten: 4,
    });
  });

  it("cuts at every byte, inside characters and frames, and counts only whole events", async () => {
    const whole = await ask("text=%F0%9F%9A%80%20%C3%BC");
    for (let byte = 0; byte < whole.body.length; byte += 7) {
      simulator.reset();
      const answer = await ask(`text=%F0%9F%9A%80%20%C3%BC&fault=cut:${byte}`);
      expect(answer.end).toBe("closed");
      expect(answer.body).toHaveLength(byte);
      const frames = answer.body.toString().split("\n\n").slice(0, -1);
      expect(await readRecord()).toMatchObject({
        outcome: "faulted",
        isClientGone: false,
        completionTokensWritten: frames.filter((frame) => /"content":"[^"]/.test(frame)).length,
      });
    }
  });

  it("breaks one frame and goes on", async () => {
    const events = readEvents(await ask("tokens=4&fault=malformed:2"));
    const broken = events.filter((event) => event !== "[DONE]" && !event.endsWith("}"));
    expect(broken).toHaveLength(1);
    expect(events.at(-1)).toBe("[DONE]");
  });

  it("leaves out usage, or the end marker", async () => {
    const usage = { stream_options: { include_usage: true }, stream: true };
    const without = await sendRaw(simulator.url, { ...usage, model: "sim?fault=no_usage" });
    expect(without.text).not.toContain('"prompt_tokens"');
    const withUsage = await sendRaw(simulator.url, { ...usage, model: "sim" });
    expect(withUsage.text).toContain('"prompt_tokens":1,"completion_tokens":16');
    const noEnd = await ask("fault=no_end");
    expect(noEnd.end).toBe("whole");
    expect(noEnd.text).toContain('"finish_reason":"stop"');
    expect(noEnd.text).not.toContain("[DONE]");
  });

  it("writes without end until the client leaves", async () => {
    const answer = await ask("fault=endless&rate=2000", true, { events: 60, silenceMs: 0 });
    expect(answer.end).toBe("timeout");
    expect(readEvents(answer).length).toBeGreaterThan(50);
  });

  it("writes one line as long as asked", async () => {
    const answer = await ask("fault=huge_line:300000");
    expect(Math.max(...readEvents(answer).map(({ length }) => length))).toBeGreaterThan(300_000);
  });

  it("cuts a sliced body at the same byte, with all that comes before it", async () => {
    const whole = await ask("tokens=30");
    for (const byte of [3, 500, whole.body.length - 20]) {
      const cut = await ask(`tokens=30&slice=3&fault=cut:${byte}`);
      expect(cut.body.length).toBe(byte);
    }
  });

  it("delivers the same body in slices of any size", async () => {
    const whole = await ask("tokens=30");
    const sliced = await ask("tokens=30&slice=5");
    expect(sliced.end).toBe("whole");
    expect(joinContent(sliced)).toBe(joinContent(whole));
  });
});

describe("faults of a JSON answer", () => {
  it("cuts it short of its announced length", async () => {
    const answer = await ask("fault=cut:50", false);
    expect(answer).toMatchObject({ end: "closed" });
    expect(answer.body).toHaveLength(50);
    expect(await readRecord()).toMatchObject({ outcome: "faulted", completionTokensWritten: 0 });
  });

  it("sends what is no JSON", async () => {
    const answer = await ask("fault=malformed", false);
    expect(answer.end).toBe("whole");
    expect(() => JSON.parse(answer.body.toString())).toThrow(SyntaxError);
  });
});

describe("pace", () => {
  it("keeps the rate, the time to first content and the packing", async () => {
    const startedAt = performance.now();
    const answer = await ask("tokens=10&rate=100&ttft=30&pack=5");
    // 30 ms, then ten units with 10 ms between them.
    expect(performance.now() - startedAt).toBeGreaterThan(115);
    expect(answer.text.match(/\r\ndata: [^\r]*simulated[^\r]*\r\n/g)).toHaveLength(1);
  });
});
