import { mkdtemp, rm } from "node:fs/promises";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { hmacApiKey, type Logger, mintApiKey } from "@fairlead/kit";
import { WorkerAnnouncementSchema } from "@fairlead/proto/events/v1/events";
import { type Key, KeySchema, LedgerService } from "@fairlead/proto/ledger/v1/ledger";
import type { UsageEvent } from "@fairlead/proto/usage/v1/usage";
import { createClient, createLink, createRpcServer } from "@fairlead/rpc";
import { createGateway } from "../create-gateway.ts";
import { UsageOutbox } from "../events/usage-outbox.ts";
import { UsageSpool } from "../events/usage-spool.ts";
import { defaultChatLimits } from "../http/chat-deps.ts";
import { createServer, defaultHttpLimits } from "../server.ts";
import { answerWell, candidate } from "./answers.test-helper.ts";
import { serveLedger } from "./serve-ledger.test-helper.ts";
import { serveRouter } from "./serve-router.test-helper.ts";
import type { PlatformState } from "./state.test-helper.ts";

export const pepper = "0123456789abcdef0123456789abcdef";
const ignore = () => undefined;
export const silent = {
  info: ignore,
  warn: ignore,
  error: ignore,
  debug: ignore,
} as unknown as Logger;

/** A gateway in front of a router, a worker and a ledger that do as they are told. */
export interface TestPlatform {
  readonly url: string;
  readonly key: string;
  readonly state: PlatformState;
  readonly gateway: ReturnType<typeof createGateway>;
  readonly server: Server;
  readonly outbox: UsageOutbox;
  addKey(text: string, facts: MessageInitShape<typeof KeySchema>): void;
  post(body: unknown, headers?: Record<string, string>, signal?: AbortSignal): Promise<Response>;
  /** Waits for the one bill of the last generation that a worker was given. */
  bill(): Promise<UsageEvent>;
  close(): Promise<void>;
}

export async function startPlatform(
  limits: Partial<typeof defaultChatLimits> = {},
  httpLimits: Partial<typeof defaultHttpLimits> = {},
): Promise<TestPlatform> {
  const state: PlatformState = {
    plan: () => ({ candidates: [candidate("one")] }),
    generate: answerWell,
    creditNano: 1_000_000_000n,
    isStrict: false,
    aborted: [],
    acknowledged: [],
    disowned: [],
    generated: [],
    events: [],
    openLeasesNano: 0n,
    closedLeases: [],
    isDraining: false,
  };
  const keys = new Map<string, Key>();
  const server = createRpcServer({ logger: silent });
  serveRouter(server, state);
  serveLedger(server, state, keys);
  const port = await server.listen("127.0.0.1", 0);
  const address = `127.0.0.1:${port}`;
  const openLink = (to: string) => createLink(to, { logger: silent });
  const ledger = createClient(LedgerService, address);
  const folder = await mkdtemp(join(tmpdir(), "fairlead-spool-"));
  const spool = await UsageSpool.open({ folder, bytesMax: 1_000_000 });
  const outbox = new UsageOutbox({
    source: "test",
    spool,
    logger: silent,
    ways: [
      async (batch) => {
        state.events.push(...batch.events);
      },
    ],
  });
  const gateway = createGateway({
    gatewayId: "gateway-1",
    pepper,
    logger: silent,
    limits: { ...defaultChatLimits, ...limits },
    ledger,
    link: () => openLink,
    outbox,
  });
  gateway.routers.update([address]);
  const announcement = { worker: "worker-1", pool: "default", address };
  gateway.workers.announce(create(WorkerAnnouncementSchema, announcement));
  const http = createServer(
    {
      chat: gateway.chat,
      routes: gateway.routes,
      logger: silent,
      readiness: () => ({ isReady: !state.isDraining, isDraining: state.isDraining }),
    },
    { ...defaultHttpLimits, ...httpLimits },
  );
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  await until(() => gateway.routers.isReady && gateway.workers.readyCount === 1);
  const key = mintApiKey("inference");
  const addKey = (text: string, facts: MessageInitShape<typeof KeySchema>) => {
    keys.set(hmacApiKey(pepper, text).toString("hex"), create(KeySchema, facts));
  };
  addKey(key, { keyId: "key-1", accountId: "account-1", label: "sk-fl-v1-abc...123" });
  return {
    url,
    key,
    state,
    gateway,
    server: http,
    outbox,
    addKey,
    post: (body, headers = {}, signal) =>
      fetch(`${url}/api/v1/chat/completions`, {
        method: "POST",
        ...(signal !== undefined && { signal }),
        headers: {
          authorization: `Bearer ${key}`,
          "content-type": "application/json",
          ...headers,
        },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    async bill() {
      const find = () => {
        const id = state.generated.at(-1)?.generationId;
        return state.events.filter((event) => event.generationId === id);
      };
      await until(() => find().length > 0);
      const [event, second] = find();
      if (event === undefined || second !== undefined) {
        throw new Error("a generation must leave exactly one bill");
      }
      return event;
    },
    async close() {
      http.closeAllConnections();
      http.close();
      await outbox.close();
      gateway.close();
      ledger.close();
      server.close();
      await rm(folder, { recursive: true });
    },
  };
}

export async function until(isTrue: () => boolean, timeoutMs = 10_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!isTrue()) {
    if (Date.now() > deadline) {
      throw new Error("waited in vain");
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
