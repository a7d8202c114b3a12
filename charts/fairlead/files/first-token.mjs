// `helm test`: one streamed answer through the gateway's Service, its usage and its cost.
import { readFile } from "node:fs/promises";

const { GATEWAY_URL, MODEL, API_KEY_FILE } = process.env;
const TIMEOUT_MS = 60_000;

const startedAt = performance.now();
const response = await fetch(`${GATEWAY_URL}/v1/chat/completions`, {
  method: "POST",
  headers: {
    "content-type": "application/json",
    authorization: `Bearer ${(await readFile(API_KEY_FILE, "utf8")).trim()}`,
  },
  body: JSON.stringify({
    model: MODEL,
    stream: true,
    messages: [{ role: "user", content: "Hello" }],
  }),
  signal: AbortSignal.timeout(TIMEOUT_MS),
});
if (response.status !== 200) {
  throw new Error(`The gateway answered ${response.status}: ${await response.text()}`);
}

let text = "";
let firstTokenMs;
for await (const part of response.body.pipeThrough(new TextDecoderStream())) {
  text += part;
  if (firstTokenMs === undefined && text.includes('"content":"')) {
    firstTokenMs = Math.round(performance.now() - startedAt);
  }
}
const events = text
  .split("\n")
  .filter((line) => line.startsWith("data: {"))
  .map((line) => JSON.parse(line.slice("data: ".length)));
const usage = events.findLast((event) => event.usage)?.usage;
if (firstTokenMs === undefined || !text.includes("data: [DONE]") || !(usage?.cost > 0)) {
  throw new Error(`The stream is not whole:\n${text}`);
}
console.log(
  `First token after ${firstTokenMs} ms; ${usage.completion_tokens} tokens for $${usage.cost}.`,
);
