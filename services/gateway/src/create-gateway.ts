import { randomFillSync } from "node:crypto";
import type { Bus } from "@fairlead/bus";
import type { Logger } from "@fairlead/kit";
import type { LedgerService } from "@fairlead/proto/ledger/v1/ledger";
import type { Link, RpcClient } from "@fairlead/rpc";
import { createGenerationIds } from "./domain/generation-id.ts";
import { KeyCache } from "./domain/key-cache.ts";
import { LeaseBook } from "./domain/lease-book.ts";
import { PlanCache } from "./domain/plan-cache.ts";
import { RateLimiter } from "./domain/rate-limiter.ts";
import { subscribeEvents } from "./events/subscribe-events.ts";
import type { UsageOutbox } from "./events/usage-outbox.ts";
import { WorkerDirectory } from "./events/worker-directory.ts";
import { CatalogReader } from "./grpc/catalog-reader.ts";
import { Generator } from "./grpc/generate.ts";
import { LedgerLeaseSource } from "./grpc/ledger-lease-source.ts";
import { KeyReader } from "./grpc/key-reader.ts";
import { Planner } from "./grpc/planner.ts";
import { RouterLinks } from "./grpc/router-links.ts";
import { Authenticator } from "./http/authenticator.ts";
import type { ChatLimits } from "./http/chat-deps.ts";
import { createChatHandler, type RequestHandler } from "./http/chat-handler.ts";
import { ChatTelemetry } from "./http/chat-telemetry.ts";
import { createRoutes, type Routes } from "./http/routes.ts";

const LEASE_SWEEP_MS = 1_000;
const LINK_SWEEP_MS = 500;

export interface GatewayParts {
  readonly gatewayId: string;
  readonly pepper: string;
  readonly logger: Logger;
  readonly limits: ChatLimits;
  readonly ledger: RpcClient<typeof LedgerService>;
  /** How a link is opened to a process of that service. */
  readonly link: (service: "adapter" | "router") => (address: string) => Link;
  readonly outbox: UsageOutbox;
  /** Undefined in tests that announce workers by hand. */
  readonly bus?: Bus | undefined;
}

export interface Gateway {
  readonly chat: RequestHandler;
  readonly routes: Routes;
  readonly leases: LeaseBook;
  readonly workers: WorkerDirectory;
  readonly routers: RouterLinks;
  readonly planner: Planner;
  readonly keyReader: KeyReader;
  /** Admitted requests whose bill is not yet in the outbox. */
  readonly openRequests: number;
  /** Stops the timers and closes the links. */
  close(): void;
}

/** Puts the gateway's parts together; nothing listens yet. */
export function createGateway(parts: GatewayParts): Gateway {
  const { gatewayId, logger, ledger, limits, outbox, pepper } = parts;
  const unixNow = createClock();
  const now = () => performance.now();
  const keyReader = new KeyReader(ledger);
  const keys = new KeyCache({ now, lookUp: (...key) => keyReader.lookUp(...key) });
  const leases = new LeaseBook({ now: unixNow, source: new LedgerLeaseSource(ledger, gatewayId) });
  const workers = new WorkerDirectory({ openLink: parts.link("adapter"), now });
  const routers = new RouterLinks(parts.link("router"));
  const planner = new Planner({ routers, cache: new PlanCache() });
  const catalog = new CatalogReader(routers, now);
  const failures = new RateLimiter({ now });
  const authenticator = new Authenticator({ pepper, keys, failures, unixNow });
  if (parts.bus !== undefined) {
    subscribeEvents(parts.bus, { workers, keys, leases, catalog });
  }
  const telemetry = new ChatTelemetry();
  const timers = [
    setInterval(() => leases.sweep(), LEASE_SWEEP_MS),
    setInterval(() => workers.sweep(), LINK_SWEEP_MS),
    setInterval(() => routers.sweep(), LINK_SWEEP_MS),
  ];
  return {
    chat: createChatHandler({
      authenticator,
      rates: new RateLimiter({ now }),
      planner,
      leases,
      generator: new Generator({ workers, random: Math.random, now }),
      outbox,
      telemetry,
      logger,
      limits,
      createId: createGenerationIds((bytes) => void randomFillSync(bytes)),
      now,
      unixNow,
    }),
    routes: createRoutes({ authenticator, catalog, ledger }),
    leases,
    workers,
    routers,
    planner,
    keyReader,
    get openRequests() {
      return telemetry.inFlight;
    },
    close() {
      for (const timer of timers) {
        clearInterval(timer);
      }
      workers.close();
      routers.close();
    },
  };
}

/** Beyond this, the machine's clock was set, or the machine slept. */
const CLOCK_STEP_MS = 500;

/**
 * Unix milliseconds with fractions: even as the process's own clock, right as the machine's. It
 * jumps where that is set, so it is for dates alone: what is written down, and what expires at one.
 */
function createClock(): () => number {
  let originMs = performance.timeOrigin;
  return () => {
    const elapsedMs = performance.now();
    const wallMs = Date.now();
    if (Math.abs(originMs + elapsedMs - wallMs) > CLOCK_STEP_MS) {
      originMs = wallMs - elapsedMs;
    }
    return originMs + elapsedMs;
  };
}
