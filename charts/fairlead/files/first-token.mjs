// `helm test`: one streamed answer through the gateway's Service, its usage and its cost. Without
// a key, whether the model is served.
import { readFile } from "node:fs/promises";

const { GATEWAY_URL, MODEL, API_KEY_FILE } = process.env;
const TIMEOUT_MS = 60_000;

console.log(API_KEY_FILE === undefined ? await findModel() : await askModel(API_KEY_FILE));

/** The list of models is open to everybody. */
async function findModel() {
  const { data } = await (await call("/v1/models", {})).json();
  const models = data.map(({ id }) => id);
  if (!models.includes(MODEL)) {
    throw new Error(
      `${MODEL} (test.model) is not served: no worker has it, with a key for its provider, among ${models.length} models.`,
    );
  }
  return `${MODEL} is served. Nothing was asked of it: there is no key in test.keySecret.`;
}

async function askModel(keyFile) {
  const startedAt = performance.now();
  const { body } = await call("/v1/chat/completions", {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${(await readFile(keyFile, "utf8")).trim()}`,
    },
    body: JSON.stringify({
      model: MODEL,
      stream: true,
      messages: [{ role: "user", content: "Hello" }],
    }),
  });
  let text = "";
  let firstTokenMs;
  for await (const part of body.pipeThrough(new TextDecoderStream())) {
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
  return `First token after ${firstTokenMs} ms; ${usage.completion_tokens} tokens for $${usage.cost}.`;
}

async function call(path, request) {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const response = await fetch(`${GATEWAY_URL}${path}`, { ...request, signal });
  if (response.status !== 200) {
    throw new Error(`The gateway answered ${response.status}: ${await response.text()}`);
  }
  return response;
}
