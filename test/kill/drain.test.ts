import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { findFreePorts, type Platform, startPlatform } from "@fairlead/local";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Load } from "./load.ts";

const STREAMS = 20;
const STREAM_SECONDS = 30;
/** What is asked of a draining process is asked well within it. The streams last longer. */
const DRAIN_DELAY_MS = 8_000;
/** Longest wait for what takes milliseconds on a machine that has nothing else to do. */
const PATIENCE = { timeout: 6_000, interval: 50 };
/** So often, and so far apart, something that must not change is looked at. */
const LOOKS = 8;
const LOOK_MS = 250;
const repository = join(import.meta.dirname, "../..");

let home = "";
let platform: Platform;
const notices: string[] = [];
const children: ChildProcess[] = [];

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "fairlead-drain-"));
  platform = await startPlatform({
    home,
    port: 0,
    env: { DRAIN_DELAY_MS: String(DRAIN_DELAY_MS), DRAIN_TIMEOUT_MS: "60000" },
    notice: (text) => notices.push(text),
  });
});

afterAll(async () => {
  // Of a test that failed before it ended them.
  for (const child of children) {
    child.kill("SIGKILL");
  }
  // Nothing is open any more: a drain would only wait for its delay.
  await platform?.stop();
  rmSync(home, { recursive: true, force: true });
});

/** A stream that lasts, with its first byte received; resolves with its text when it ends. */
async function openStream(): Promise<{ readonly text: Promise<string> }> {
  const response = await fetch(`${platform.baseUrl}/api/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${platform.apiKey}`, "content-type": "application/json" },
    body: JSON.stringify({
      model: "simulated/fast",
      stream: true,
      messages: [
        { role: "user", content: `Talk.\nsimulator: tokens=${STREAM_SECONDS * 10} rate=10` },
      ],
    }),
  });
  expect(response.status).toBe(200);
  return { text: response.text() };
}

function opsUrl(name: string): string {
  const ops = platform.processes().find((it) => it.name === name)?.ports.ops;
  return `http://127.0.0.1:${ops}`;
}

async function readState(url: string): Promise<{ status: number; phase: string }> {
  const response = await fetch(`${url}/readyz`);
  const { phase } = (await response.json()) as { phase: string };
  return { status: response.status, phase };
}

/** A second worker of the pool that the streams are on, as a rolling update starts one. */
async function startSecondWorker(): Promise<{ child: ChildProcess; ops: string }> {
  const [grpcPort, opsPort] = await findFreePorts(2);
  const child = spawn(
    process.execPath,
    ["--conditions=@fairlead/source", join(repository, "services/adapter/src/main.ts")],
    {
      cwd: repository,
      stdio: "ignore",
      env: {
        PATH: process.env.PATH,
        NATS_URL: platform.natsUrl,
        GRPC_HOST: "127.0.0.1",
        GRPC_PORT: String(grpcPort),
        OPS_HOST: "127.0.0.1",
        OPS_PORT: String(opsPort),
        ADVERTISED_ADDRESS: `127.0.0.1:${grpcPort}`,
        ADAPTER_POOL: "simulated",
        ADAPTER_PROVIDERS: "simulated-*",
        FAIRLEAD_CATALOG: join(home, "simulated-catalog.yaml"),
        FAIRLEAD_SIMULATED_KEY: "sk-simulated",
      },
    },
  );
  children.push(child);
  const ops = `http://127.0.0.1:${opsPort}`;
  await vi.waitFor(async () => expect((await readState(ops)).status).toBe(200), {
    timeout: 20_000,
  });
  return { child, ops };
}

async function readGauge(ops: string, name: string): Promise<number> {
  const text = await (await fetch(`${ops}/metrics`)).text();
  const line = text
    .split("\n")
    .find((it) => it.startsWith(`${name}{`) || it.startsWith(`${name} `));
  return Number(line?.split(" ").at(-1) ?? Number.NaN);
}

/** A drain that is over: the supervisor says how the process ended. */
async function waitForEnd(victim: string): Promise<void> {
  await vi.waitFor(
    () => expect(notices.some((it) => it.startsWith(`${victim} ended`))).toBe(true),
    {
      timeout: 60_000,
    },
  );
  expect(notices.find((it) => it.startsWith(`${victim} ended`))).toContain("exit 0");
}

describe("SIGTERM with open streams of 30 s and a steady load", () => {
  it.each(["router", "ledger", "adapter-simulated"])("%s", async (victim) => {
    notices.length = 0;
    const isWorker = victim.startsWith("adapter");
    const startedAtMs = Date.now();
    const streams = await Promise.all(Array.from({ length: STREAMS }, openStream));
    const second = isWorker ? await startSecondWorker() : undefined;
    const load = new Load({ baseUrl: platform.baseUrl, apiKey: platform.apiKey, workers: 4 });
    await delay(2_000);
    const ops = opsUrl(victim);
    platform.kill(victim, "SIGTERM");
    await vi.waitFor(async () => {
      expect(await readState(ops)).toEqual({ status: 503, phase: "draining" });
    }, PATIENCE);
    if (second !== undefined) {
      // Its goodbye was heard: from now on all that is new is on the other one, and what the load
      // had here has ended.
      const readStreams = () => readGauge(ops, "fairlead_adapter_streams");
      await vi.waitFor(async () => expect(await readStreams()).toBe(STREAMS), PATIENCE);
      for (let look = 0; look < LOOKS; look += 1) {
        await delay(LOOK_MS);
        expect(await readStreams()).toBe(STREAMS);
      }
    }
    const texts = await Promise.all(streams.map(({ text }) => text));
    expect(Date.now() - startedAtMs).toBeGreaterThan(0.9 * STREAM_SECONDS * 1_000);
    expect(texts.filter((text) => !text.trimEnd().endsWith("data: [DONE]"))).toEqual([]);
    expect(texts.filter((text) => text.includes('"error"'))).toEqual([]);
    await waitForEnd(victim);
    await platform.whenReady(victim);
    await load.stop();
    expect(load.requests.length).toBeGreaterThan(20);
    expect(load.requests.filter((request) => !request.isComplete)).toEqual([]);
    if (second !== undefined) {
      second.child.kill("SIGTERM");
      await once(second.child, "exit");
      expect(second.child.exitCode).toBe(0);
    }
  });

  it("gateway", async () => {
    notices.length = 0;
    const startedAtMs = Date.now();
    const streams = await Promise.all(Array.from({ length: STREAMS }, openStream));
    const ops = opsUrl("gateway");
    platform.kill("gateway", "SIGTERM");
    await vi.waitFor(async () => {
      expect(await readState(ops)).toEqual({ status: 503, phase: "draining" });
    }, PATIENCE);
    // Until its clients have heard, it serves, and ends each connection.
    const response = await fetch(`${platform.baseUrl}/api/v1/models`);
    expect(response.status).toBe(200);
    expect(response.headers.get("connection")).toBe("close");
    await response.arrayBuffer();
    const texts = await Promise.all(streams.map(({ text }) => text));
    expect(Date.now() - startedAtMs).toBeGreaterThan(0.9 * STREAM_SECONDS * 1_000);
    expect(texts.filter((text) => !text.trimEnd().endsWith("data: [DONE]"))).toEqual([]);
    await waitForEnd("gateway");
    await platform.whenReady("gateway");
  });
});
