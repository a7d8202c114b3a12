import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cases } from "./support/examples.ts";
import { hasHelm, umbrella } from "./support/helm.ts";
import { readPods, renderObjects } from "./support/objects.ts";

/** Runs the program of `helm test` against a gateway that answers so. */
async function runTest(gateway: RequestListener, key?: string) {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-first-token-"));
  const keyFile = join(folder, "key");
  writeFileSync(keyFile, `${key}\n`);
  const server = createServer(gateway);
  await once(server.listen(0, "127.0.0.1"), "listening");
  try {
    const { port } = server.address() as AddressInfo;
    const child = spawn(process.execPath, [join(umbrella, "files/first-token.mjs")], {
      env: {
        GATEWAY_URL: `http://127.0.0.1:${port}`,
        MODEL: "acme/model",
        ...(key !== undefined && { API_KEY_FILE: keyFile }),
      },
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (part: Buffer) => {
        output += part.toString();
      });
    }
    const [code] = (await once(child, "close")) as [number];
    return { code, output };
  } finally {
    server.close();
    rmSync(folder, { recursive: true });
  }
}

const listing =
  (...models: readonly string[]): RequestListener =>
  ({ url, headers }, response) => {
    const isRight = url === "/v1/models" && headers.authorization === undefined;
    response.statusCode = isRight ? 200 : 404;
    response.end(JSON.stringify({ data: models.map((id) => ({ id })) }));
  };

const streaming =
  (...events: readonly object[]): RequestListener =>
  ({ url, headers }, response) => {
    const isRight = url === "/v1/chat/completions" && headers.authorization === "Bearer sk-x";
    response.statusCode = isRight ? 200 : 401;
    const lines = events.map((event) => `data: ${JSON.stringify(event)}\n\n`);
    response.end(`${lines.join("")}data: [DONE]\n\n`);
  };
const word = { choices: [{ delta: { content: "Hi" } }] };

describe("the program of helm test", () => {
  it("without a key finds the model, or says that it is not served", async () => {
    expect(await runTest(listing("acme/other", "acme/model"))).toEqual({
      code: 0,
      output: expect.stringContaining("acme/model is served. Nothing was asked of it"),
    });
    const missing = await runTest(listing("acme/other"));
    expect(missing.output).toContain("acme/model (test.model) is not served");
    expect(missing.code).toBe(1);
  });

  it("with a key takes a whole stream that has a cost, and nothing less", async () => {
    const usage = { usage: { completion_tokens: 1, cost: 0.01 } };
    expect(await runTest(streaming(word, usage), "sk-x")).toEqual({
      code: 0,
      output: expect.stringMatching(/^First token after \d+ ms; 1 tokens for \$0\.01\.$/m),
    });
    const free = await runTest(streaming(word), "sk-x");
    expect(free.output).toContain("The stream is not whole");
    expect(free.code).toBe(1);
    const refused = await runTest(streaming(word, usage), "sk-y");
    expect(refused.output).toContain("The gateway answered 401");
    expect(refused.code).toBe(1);
  });
});

describe.skipIf(!hasHelm).each(cases)("helm test of %s", (name) => {
  it("has a pod to run, with a key only where there is one", () => {
    const pods = hasHelm ? readPods(renderObjects(name)) : [];
    const test = pods.find((pod) => pod.name === "fairlead-test-first-token");
    const variables = test?.spec.containers[0]?.env.map((variable) => variable.name) ?? [];
    expect(variables).toContain("MODEL");
    const hasFirstKey = pods.some(({ labels }) => {
      return labels["app.kubernetes.io/component"] === "first-key";
    });
    expect(variables.includes("API_KEY_FILE")).toBe(hasFirstKey);
  });
});
