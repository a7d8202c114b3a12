import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { AdapterService } from "@fairlead/proto/adapter/v1/adapter";
import { UsageSource } from "@fairlead/proto/usage/v1/usage";
import { afterEach, expect, it } from "vitest";
import { callGenerate } from "../testing/call-generate.ts";
import { createDefinition, startAdapter, type TestAdapter } from "../testing/start-adapter.ts";

const options = { timeoutMs: 20_000 };
const abandonedMs = 800;

let adapter: TestAdapter;
afterEach(() => adapter.close());

function abort(generationId: string): Promise<unknown> {
  return adapter.link.client(AdapterService).abort({ generationId }, options);
}

async function isAsked(): Promise<void> {
  await expect.poll(() => adapter.simulator.requests().length).toBe(1);
}

it("waits a moment for an abandoned answer in one piece, which the provider charges whole", async () => {
  // Far longer than any machine takes for 300 ms.
  adapter = await startAdapter({ abandonedMs: 15_000 });
  const run = callGenerate(adapter.link, "tokens=9 ttft=300", { isStream: false });
  await isAsked();
  await abort(run.id);
  await run.ended;
  expect(run.end).toMatchObject({
    finishReason: "stop",
    usage: { completionTokens: 9n, source: UsageSource.PROVIDER },
  });
  expect(adapter.simulator.requests()[0]?.isClientGone).toBe(false);
});

it("stops an abandoned answer in one piece that takes longer than that, however often told", async () => {
  adapter = await startAdapter({ abandonedMs });
  const run = callGenerate(adapter.link, "tokens=9 ttft=20000", { isStream: false });
  await isAsked();
  const startedMs = performance.now();
  const again = setInterval(() => void abort(run.id).catch(() => undefined), 100);
  await abort(run.id);
  await run.ended;
  clearInterval(again);
  expect(performance.now() - startedMs).toBeGreaterThan(abandonedMs - 100);
  expect(run.end?.usage?.completionTokens).toBe(0n);
  await expect.poll(() => adapter.simulator.requests()[0]?.isClientGone).toBe(true);
  expect(adapter.worker.context.open.size).toBe(0);
  expect(adapter.worker.context.sweeper.size).toBe(0);
});

it("does not wait for a provider that has no request yet", async () => {
  const sockets: Socket[] = [];
  // Takes connections and never answers their TLS handshake.
  const server = createServer((socket) => sockets.push(socket)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const silent = createDefinition("silent", "openai", `https://127.0.0.1:${port}/v1`);
  adapter = await startAdapter({ abandonedMs: 600_000, providers: [silent] });
  const timeouts = { connectMs: 600_000, firstTokenMs: 600_000, idleMs: 600_000, totalMs: 600_000 };
  const run = callGenerate(adapter.link, "", {
    provider: "silent",
    isStream: false,
    request: { timeouts },
  });
  try {
    await expect.poll(() => sockets.length).toBe(1);
    await abort(run.id);
    await run.ended;
    expect(run.end?.usage?.completionTokens).toBe(0n);
    expect(adapter.worker.context.open.size).toBe(0);
  } finally {
    for (const socket of sockets) {
      socket.destroy();
    }
    server.close();
  }
});

it.each([
  ["its end", "tokens=3", true],
  ["its end in one piece", "tokens=3", false],
  ["its failure", "fault=status:500", true],
  ["its abandonment", "ttft=20000", false],
])(
  "ends the call and logs it when a fault of our own keeps %s from being told",
  async (_what, script, isStream) => {
    adapter = await startAdapter({ abandonedMs: 0 });
    const { open } = adapter.worker.context;
    const forget = open.delete.bind(open);
    open.delete = (requestId) => {
      open.delete = forget;
      forget(requestId);
      throw new RangeError("planted");
    };
    const run = callGenerate(adapter.link, script, { isStream });
    if (script.startsWith("ttft")) {
      await isAsked();
      await abort(run.id);
    }
    await run.ended;
    expect(run.error?.code).toBe("internal");
    expect(run.error?.message).not.toContain("planted");
    expect(adapter.logs.join()).toContain("an attempt met a fault of our own");
    await expect.poll(() => adapter.worker.context.sweeper.size).toBe(0);
  },
);
