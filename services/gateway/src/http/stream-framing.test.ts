import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answerWell } from "../test-platform/answers.test-helper.ts";
import { startPlatform, type TestPlatform } from "../test-platform/start-platform.test-helper.ts";

const END = "data: [DONE]\n\n";
let platform: TestPlatform;

beforeAll(async () => {
  platform = await startPlatform();
  platform.state.generate = answerWell;
});
afterAll(() => platform.close());

/** Sends a streamed request on a connection of its own and reads until `isDone`. */
function exchange(
  version: string,
  requests: number,
  isDone: (text: string) => boolean,
): Promise<string> {
  const url = new URL(platform.url);
  const body = JSON.stringify({
    model: "acme/one",
    stream: true,
    messages: [{ role: "user", content: "hi" }],
  });
  const request =
    `POST /v1/chat/completions HTTP/${version}\r\nhost: x\r\n` +
    `authorization: Bearer ${platform.key}\r\ncontent-type: application/json\r\n` +
    `content-length: ${body.length}\r\n\r\n${body}`;
  return new Promise((resolve, reject) => {
    let text = "";
    let sent = 1;
    const socket = connect(Number(url.port), url.hostname, () => socket.write(request));
    socket.setEncoding("utf8");
    socket.on("error", reject);
    socket.on("close", () => resolve(text));
    socket.on("data", (chunk: string) => {
      text += chunk;
      if (text.split(END).length > sent && sent < requests) {
        sent += 1;
        socket.write(request);
      } else if (isDone(text)) {
        socket.destroy();
      }
    });
  });
}

/** The body behind the first head, chunk by chunk, as RFC 9112 frames it. */
function readChunks(text: string): string[] {
  let rest = text.slice(text.indexOf("\r\n\r\n") + 4);
  const chunks: string[] = [];
  for (;;) {
    const line = rest.indexOf("\r\n");
    const length = Number.parseInt(rest.slice(0, line), 16);
    const chunk = rest.slice(line + 2, line + 2 + length);
    expect(rest.slice(line + 2 + length, line + 4 + length)).toBe("\r\n");
    if (length === 0) {
      return chunks;
    }
    chunks.push(chunk);
    rest = rest.slice(line + 4 + length);
  }
}

describe("the framing of a stream", () => {
  it("is chunked as HTTP/1.1 wants it", async () => {
    const text = await exchange("1.1", 1, (it) => it.endsWith("0\r\n\r\n"));
    expect(text).toMatch(/transfer-encoding: chunked/i);
    const chunks = readChunks(text);
    expect(chunks.join("")).toContain('{"content":"he"}');
    expect(chunks.at(-1)?.endsWith(END)).toBe(true);
  });

  it("lets the next request follow on the same connection", async () => {
    const text = await exchange("1.1", 2, (it) => it.split("0\r\n\r\n").length > 2);
    expect(text.split("HTTP/1.1 200").length - 1).toBe(2);
    expect(text.split(END).length - 1).toBe(2);
  });

  it("is none for a client of HTTP/1.0, which reads to the end of the connection", async () => {
    const text = await exchange("1.0", 1, () => false);
    expect(text).not.toMatch(/transfer-encoding/i);
    const body = text.slice(text.indexOf("\r\n\r\n") + 4);
    expect(body.startsWith("data: {")).toBe(true);
    expect(body.endsWith(END)).toBe(true);
  });
});
