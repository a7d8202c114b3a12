import { readFileSync } from "node:fs";
import { join } from "node:path";
import { nanoFromUsd } from "@fairlead/pricing";
import { LedgerService } from "@fairlead/proto/ledger/v1/ledger";
import { createClient } from "@fairlead/rpc";
import type { RequestRecord } from "@fairlead/simulator";
import OpenAI from "openai";
import { inject } from "vitest";
import type { PlatformContext } from "./platform-context.ts";

const CALL = { timeoutMs: 5_000 };

export interface KeyOptions {
  /** Credit of the key's own new account. */
  readonly creditUsd: string;
  readonly isDisabled?: boolean;
  readonly expiresAtMs?: number;
  readonly requestsPerMinute?: number;
  readonly limitUsd?: string;
}

export function platform(): PlatformContext {
  return inject("platform");
}

/** The real OpenAI SDK against the platform, without retries of its own. */
export function openAi(options: { path?: string; apiKey?: string } = {}): OpenAI {
  const { path = "/api/v1", apiKey = platform().apiKey } = options;
  return new OpenAI({ baseURL: platform().baseUrl + path, apiKey, maxRetries: 0 });
}

/** A key of a new account with some credit. */
export async function createKey(options: KeyOptions): Promise<string> {
  const ledger = createClient(LedgerService, ledgerAddress());
  try {
    const idempotencyKey = crypto.randomUUID();
    const { accountId } = await ledger.createAccount({ name: "test", idempotencyKey }, CALL);
    await ledger.addCredits(
      { accountId, amountNano: nanoFromUsd(options.creditUsd), idempotencyKey, reason: "test" },
      CALL,
    );
    const { keyText } = await ledger.createKey(
      {
        accountId,
        name: "test",
        isDisabled: options.isDisabled ?? false,
        expiresAtMs: BigInt(options.expiresAtMs ?? 0),
        requestsPerMinute: options.requestsPerMinute ?? 0,
        ...(options.limitUsd !== undefined && { limitNano: nanoFromUsd(options.limitUsd) }),
      },
      CALL,
    );
    return keyText;
  } finally {
    ledger.close();
  }
}

/** Has the simulator answer the next request for one of its models by a script. */
export async function scriptNext(model: string, script: string): Promise<void> {
  const response = await fetch(`${firstSimulator()}/control/scripts`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model, script, requests: 1 }),
  });
  if (!response.ok) {
    throw new Error(`the simulator refused the script: ${await response.text()}`);
  }
}

/** What the simulator was sent for a generation, as JSON: the body of its last attempt. */
export async function readUpstreamBody(generationId: string): Promise<unknown> {
  const records = await listUpstreamRequests();
  const record = records.findLast(({ id }) => id.startsWith(`${generationId}-`));
  const body = record && (await readBody(record.sequence));
  if (body === undefined) {
    throw new Error(`the simulator has no request of ${generationId}`);
  }
  return JSON.parse(body);
}

/** The sequence of the last request that the simulator has had. */
export async function lastUpstreamRequest(): Promise<number> {
  return (await listUpstreamRequests()).at(-1)?.sequence ?? 0;
}

/** The simulator has had a request that says this since the one of that sequence. */
export async function isAskedUpstream(text: string, since: number): Promise<boolean> {
  for (const { sequence } of await listUpstreamRequests(since)) {
    if ((await readBody(sequence))?.includes(text) === true) {
      return true;
    }
  }
  return false;
}

async function listUpstreamRequests(since = 0): Promise<RequestRecord[]> {
  const response = await fetch(`${firstSimulator()}/control/requests?since=${since}`);
  return (await response.json()) as RequestRecord[];
}

/** The simulator keeps those of the last requests only. */
async function readBody(sequence: number): Promise<string | undefined> {
  const response = await fetch(`${firstSimulator()}/control/requests/${sequence}/body`);
  return response.ok ? await response.text() : undefined;
}

function firstSimulator(): string {
  const [address] = Object.values(platform().simulators);
  if (address === undefined) {
    throw new Error("the platform runs no simulator");
  }
  return address;
}

/** Addresses of the processes are in the dev.json that the platform writes. */
function ledgerAddress(): string {
  const { processes } = JSON.parse(readFileSync(join(platform().home, "dev.json"), "utf8")) as {
    processes: { name: string; ports: Record<string, number> }[];
  };
  const port = processes.find(({ name }) => name === "ledger")?.ports.grpc;
  return `127.0.0.1:${port}`;
}
