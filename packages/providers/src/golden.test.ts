import { describe, expect, it } from "vitest";
import { providers } from "./registry.ts";
import { encodeChatResponse } from "./shared/encode-chat-response.ts";
import { readBodies, readStreams, splitEvents } from "./shared/testing-fixtures.ts";
import { gatherStream, runStream } from "./shared/testing-public-stream.ts";
import { makeTarget } from "./shared/testing-target.ts";

const folders: Readonly<Record<string, string>> = {
  anthropic: "anthropic/__fixtures__",
  google: "gemini/__fixtures__",
  openai: "openai-compatible/__fixtures__/openai",
  deepseek: "openai-compatible/__fixtures__/deepseek",
  groq: "openai-compatible/__fixtures__/groq",
  mistral: "openai-compatible/__fixtures__/mistral",
  xai: "openai-compatible/__fixtures__/xai",
};

const errorBody = /-429-/;
/** A mode that is never asked for. */
const refused = /stream-tool-call-arguments/;

describe.each(Object.entries(folders))("recordings of %s", (slug, folder) => {
  const provider = providers[slug];
  if (provider === undefined) {
    throw new Error(`no provider ${slug}`);
  }

  it.each(readBodies(folder).filter(({ name }) => !errorBody.test(name)))(
    "answer $name",
    async ({ path, text }) => {
      const answer = provider.response(text, makeTarget({ isStream: false }));
      expect(answer.fault).toBeUndefined();
      if (answer.completion !== undefined) {
        expect(JSON.parse(`${encodeChatResponse(answer.completion)}}`)).toEqual(
          JSON.parse(JSON.stringify(answer.completion)),
        );
        expect(answer.isEmpty).toBe(false);
        expect(answer.usage?.completionTokens).toBeGreaterThan(0);
      }
      await expect(`${JSON.stringify(answer, null, 2)}\n`).toMatchFileSnapshot(
        `${path}.golden.json`,
      );
    },
  );

  it.each(readStreams(folder).filter(({ name }) => !refused.test(name)))(
    "stream $name",
    async ({ path, text }) => {
      const translator = provider.stream(makeTarget());
      const output = runStream(translator, splitEvents(text));
      expect(translator.fault).toBeUndefined();
      expect(translator.isEmpty).toBe(false);
      expect(translator.usage?.completionTokens).toBeGreaterThan(0);
      const { finishReasons, chunks, toolCalls } = gatherStream(output);
      expect(finishReasons).toEqual([translator.finishReason]);
      expect(chunks[0]?.choices[0]?.delta.role).toBe("assistant");
      for (const call of toolCalls) {
        expect(JSON.parse(call.function.arguments)).toBeTypeOf("object");
      }
      const state = {
        usage: translator.usage,
        finishReason: translator.finishReason,
        nativeFinishReason: translator.nativeFinishReason,
        upstreamId: translator.upstreamId,
        responseModel: translator.responseModel,
      };
      await expect(`${output}${JSON.stringify(state, null, 2)}\n`).toMatchFileSnapshot(
        `${path}.golden.sse`,
      );
    },
  );
});
