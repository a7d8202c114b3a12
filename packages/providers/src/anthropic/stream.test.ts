import { describe, expect, it } from "vitest";
import { runStream } from "../shared/testing-public-stream.ts";
import { makeTarget } from "../shared/testing-target.ts";
import { createAnthropic } from "./index.ts";

const start =
  '{"type":"message_start","message":{"id":"msg_1","model":"m","usage":{"input_tokens":5,"output_tokens":1}}}';
const end = '{"type":"message_stop"}';

function run(...events: string[]) {
  const translator = createAnthropic({ hasModelList: true }).stream(makeTarget());
  runStream(translator, events);
  return translator;
}

describe("an Anthropic stream without content", () => {
  it("is empty when it gives no reason to end, whatever its placeholder usage claims", () => {
    const translator = run(start, end);
    expect(translator.usage?.completionTokens).toBe(1);
    expect(translator.isEmpty).toBe(true);
    expect(run(start, '{"type":"message_delta","delta":{}}', end).isEmpty).toBe(true);
  });

  it("is an answer when a stop sequence came at once", () => {
    const stop =
      '{"type":"message_delta","delta":{"stop_reason":"stop_sequence"},"usage":{"output_tokens":3}}';
    expect(run(start, stop, end).isEmpty).toBe(false);
  });
});
