import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findFreePort } from "../process/ports.ts";
import { isAlive } from "../process/process-identity.ts";
import type { PlatformAddresses, PlatformProcess } from "./platform.ts";

const script = fileURLToPath(new URL("../start.ts", import.meta.url));
const READY_WITHIN_MS = 120_000;
const GONE_WITHIN_MS = 30_000;
const ANSWER_WITHIN_MS = 20_000;

interface DevFile extends PlatformAddresses {
  readonly processes: readonly PlatformProcess[];
}

const children: ChildProcess[] = [];
let home = "";
let port = 0;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "fairlead-start-"));
  chmodSync(home, 0o755);
  port = await findFreePort();
});

afterAll(() => {
  // Of a test that failed before it ended them; what they started ends with them.
  for (const child of children) {
    child.kill("SIGKILL");
  }
  rmSync(home, { recursive: true, force: true });
});

/** `npm start` without its first step. */
function spawnStart(env: Record<string, string> = {}): {
  readonly child: ChildProcess;
  readonly output: () => string;
} {
  const child = spawn(process.execPath, ["--conditions=@fairlead/source", script], {
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      FAIRLEAD_HOME: home,
      FAIRLEAD_PORT: String(port),
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
    });
  }
  return { child, output: () => printed };
}

async function waitUntilReady(): Promise<DevFile> {
  const path = join(home, "dev.json");
  await expect.poll(() => existsSync(path), { timeout: READY_WITHIN_MS }).toBe(true);
  return JSON.parse(readFileSync(path, "utf8")) as DevFile;
}

async function expectAllGone({ processes }: DevFile): Promise<void> {
  const alive = () => processes.filter(({ pid }) => isAlive(pid)).map(({ name }) => name);
  await expect.poll(alive, { timeout: GONE_WITHIN_MS }).toEqual([]);
}

async function expectRefusal(env: Record<string, string>, message: RegExp): Promise<void> {
  const { child, output } = spawnStart(env);
  const [code] = await once(child, "close");
  expect(output()).toMatch(message);
  expect(code).toBe(1);
}

/** A request that costs something, answered whole. */
async function ask({ baseUrl, apiKey }: DevFile): Promise<string> {
  const response = await fetch(`${baseUrl}/api/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
    body: JSON.stringify({
      model: "simulated/fast",
      messages: [{ role: "user", content: "Hello.\nsimulator: tokens=5" }],
    }),
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
  expect(response.status).toBe(200);
  return await response.text();
}

interface Credits {
  readonly total_credits: number;
  readonly total_usage: number;
}

async function readCredits({ baseUrl, managementKey }: DevFile): Promise<Credits> {
  const response = await fetch(`${baseUrl}/api/v1/credits`, {
    headers: { authorization: `Bearer ${managementKey}` },
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
  expect(response.status).toBe(200);
  return ((await response.json()) as { data: Credits }).data;
}

function findPid({ processes }: DevFile, name: string): number {
  const pid = processes.find((process) => process.name === name)?.pid;
  if (pid === undefined) {
    throw new Error(`dev.json names no ${name}`);
  }
  return pid;
}

describe("npm start", { timeout: 300_000 }, () => {
  let first: DevFile;
  let credits: Credits;

  it("is ready with keys that work and five services as processes of their own", async () => {
    const { child } = spawnStart();
    first = await waitUntilReady();
    expect(statSync(join(home, "dev.json")).mode & 0o777).toBe(0o600);
    expect(first.processes.map(({ name }) => name).toSorted()).toEqual([
      "adapter-default",
      "adapter-simulated",
      "gateway",
      "ledger",
      "nats",
      "postgres",
      "prober",
      "router",
      "simulator",
    ]);
    const response = await fetch(`${first.baseUrl}/api/v1/models`, {
      headers: { authorization: `Bearer ${first.apiKey}` },
    });
    expect(response.status).toBe(200);

    await expectRefusal({}, /A platform already runs in .* stop it with `kill \d+`/);
    const other = mkdtempSync(join(tmpdir(), "fairlead-start-"));
    await expectRefusal(
      { FAIRLEAD_HOME: other },
      /Port \d+ of 127.0.0.1 is taken .* set FAIRLEAD_PORT/,
    );
    rmSync(other, { recursive: true });

    await ask(first);
    // 5 tokens of $0.40 and a prompt of $0.10 per million: its bill is in the books once it is
    // seen.
    await expect
      .poll(async () => (await readCredits(first)).total_usage, { timeout: READY_WITHIN_MS })
      .toBeGreaterThan(0);
    credits = await readCredits(first);
    expect(credits.total_credits).toBe(100);

    child.kill("SIGKILL");
    await expectAllGone(first);
  });

  it("starts again after that with the same keys and balance, and ends on SIGTERM with nothing left", async () => {
    rmSync(join(home, "dev.json"));
    const { child, output } = spawnStart();
    const second = await waitUntilReady();
    expect(second.apiKey).toBe(first.apiKey);
    expect(second.managementKey).toBe(first.managementKey);
    expect(await readCredits(second)).toEqual(credits);
    expect(output()).toContain(second.apiKey);
    child.kill("SIGTERM");
    const [code] = await once(child, "close");
    expect(code).toBe(0);
    await expectAllGone(second);
    expect(existsSync(join(home, "dev.json"))).toBe(false);
  });

  it("starts a service again that was killed, and ends on SIGINT with nothing left", async () => {
    const { child, output } = spawnStart();
    const third = await waitUntilReady();
    const killed = findPid(third, "adapter-simulated");
    process.kill(killed, "SIGKILL");
    // It is ready again when the file says so; meanwhile it may be half written.
    await expect
      .poll(async () => findPid(await waitUntilReady(), "adapter-simulated"), {
        timeout: READY_WITHIN_MS,
      })
      .not.toBe(killed);
    expect(isAlive(killed)).toBe(false);
    expect(output()).toContain("adapter-simulated ended (SIGKILL); starting it again");
    await expect.poll(() => ask(third), { timeout: READY_WITHIN_MS }).toContain('"usage"');
    const last = await waitUntilReady();
    child.kill("SIGINT");
    const [code] = await once(child, "close");
    expect(code).toBe(0);
    await expectAllGone(last);
    expect(existsSync(join(home, "dev.json"))).toBe(false);
  });

  it.each([
    [
      "DATABASE_URL",
      "postgres://a:b@127.0.0.1:1/x",
      /DATABASE_URL does not work \(nothing listens/,
    ],
    ["NATS_URL", "nats://127.0.0.1:1", /No NATS server answers at NATS_URL/],
  ])("refuses a %s that leads nowhere", async (name, value, message) => {
    await expectRefusal({ [name]: value }, message);
    expect(existsSync(join(home, "lock"))).toBe(false);
  });
});
