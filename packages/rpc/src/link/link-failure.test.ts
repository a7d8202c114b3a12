import { fork } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { AppError } from "@fairlead/errors";
import { AdapterService } from "@fairlead/proto/adapter/v1/adapter";
import { afterEach, describe, expect, it } from "vitest";
import { createRpcServer } from "../grpc/server.ts";
import type { ServiceHandlers } from "../handler-types.ts";
import { createLink } from "./create-link.ts";
import type { LinkOptions, ServeLinkOptions } from "./link-options.ts";
import type { CallSink, LinkState } from "./link-types.ts";
import { serveLink } from "./serve-link.ts";
import { silentLogger as logger, unusedHandlers } from "./serve-adapter.test-helper.ts";

type Handlers = ServiceHandlers<typeof AdapterService>;
type GenerateSink = CallSink<(typeof AdapterService)["method"]["generate"]["output"]>;

const PATIENCE_MS = 20_000;
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0).reverse()) {
    close();
  }
});

async function serve(handlers: Partial<Handlers>, options: ServeLinkOptions = {}) {
  const server = createRpcServer({ logger });
  serveLink(server, [[AdapterService, { ...unusedHandlers, ...handlers }]], options);
  closers.push(() => server.close());
  return { server, port: await server.listen("127.0.0.1", 0) };
}

async function link(port: number, options: Partial<LinkOptions> = {}) {
  const opened = createLink(`127.0.0.1:${port}`, { logger, ...options });
  closers.push(() => opened.close());
  await opened.whenReady(PATIENCE_MS);
  return opened;
}

async function failure(promise: Promise<unknown>): Promise<AppError> {
  const error: unknown = await promise.then(
    () => new Error("did not fail"),
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(AppError);
  return error as AppError;
}

/** A sink and what it saw; `first` settles with the first message, `ended` with the end. */
function record() {
  const first = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<AppError | undefined>();
  const sink: GenerateSink = {
    message() {},
    bytes: () => first.resolve(),
    end: ended.resolve,
  };
  return { sink, first: first.promise, ended: ended.promise };
}

/**
 * A TCP proxy that can stop forwarding, as a dead machine or a cut cable does, and that can lead
 * new connections to another port: no port that was freed need be had again.
 */
async function startProxy(target: number) {
  const sockets: Socket[] = [];
  let port = target;
  const proxy = createServer((inbound) => {
    const outbound = connect(port, "127.0.0.1");
    sockets.push(inbound, outbound);
    inbound.pipe(outbound);
    outbound.pipe(inbound);
    inbound.on("error", () => outbound.destroy());
    outbound.on("error", () => inbound.destroy());
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  closers.push(() => {
    proxy.close();
    for (const socket of sockets) {
      socket.destroy();
    }
  });
  const silence = (): void => {
    for (const socket of sockets) {
      socket.unpipe();
      socket.pause();
    }
  };
  const lead = (successor: number): void => {
    port = successor;
  };
  return { port: (proxy.address() as AddressInfo).port, silence, lead };
}

const options = { timeoutMs: 30_000 };
/** Nothing but the event itself ends what is waited for: silence is no fault within the test. */
const patient = { pingIntervalMs: 1_000, silenceMaxMs: 600_000 };
const { generate, probe } = AdapterService.method;

describe("a link whose peer", () => {
  it("is killed ends its calls by that alone, and others take the next ones", async () => {
    const helper = new URL("./serve-adapter.test-helper.ts", import.meta.url);
    const child = fork(helper, { execArgv: ["--conditions=@fairlead/source"] });
    closers.push(() => child.kill("SIGKILL"));
    const [port] = (await once(child, "message")) as [number];
    const killed = await link(port, patient);
    const other = await link((await serve({ probe: async () => ({ isUp: true }) })).port);
    const calls = Array.from({ length: 20 }, () => record());
    for (const { sink } of calls) {
      killed.open(generate, {}, options, sink);
    }
    await Promise.all(calls.map(({ first }) => first));
    child.kill("SIGKILL");
    const ends = await Promise.all(calls.map(({ ended }) => ended));
    expect(new Set(ends.map((error) => error?.code))).toEqual(new Set(["unavailable"]));
    expect(killed.inFlight).toBe(0);
    expect(killed.state).toBe("connecting");
    const refused = failure(killed.client(AdapterService).probe({}, options));
    expect((await refused).code).toBe("unavailable");
    expect((await other.client(AdapterService).probe({}, options)).isUp).toBe(true);
  });

  it("is killed ends also the calls that are made in answer to the break", async () => {
    const { server, port } = await serve({ generate: () => undefined });
    const opened = await link(port);
    const second = record();
    const first: GenerateSink = {
      message() {},
      // As a caller does that tries the next candidate, which the same peer serves.
      end: () => void opened.open(generate, {}, options, second.sink),
    };
    opened.open(generate, {}, options, first);
    await expect.poll(() => opened.inFlight).toBe(1);
    server.close();
    expect((await second.ended)?.code).toBe("unavailable");
    expect(opened.inFlight).toBe(0);
  });

  it("comes back is connected again", async () => {
    const first = await serve({});
    const proxy = await startProxy(first.port);
    const opened = await link(proxy.port, { backoffMinMs: 10, backoffMaxMs: 50 });
    const states: LinkState[] = [];
    const stop = opened.onStateChange((state) => states.push(state));
    first.server.close();
    await expect.poll(() => opened.state).toBe("connecting");
    proxy.lead((await serve({ probe: async () => ({ isUp: true }) })).port);
    await opened.whenReady(PATIENCE_MS);
    expect(states).toEqual(["connecting", "ready"]);
    expect((await opened.client(AdapterService).probe({}, options)).isUp).toBe(true);
    stop();
    opened.close();
    expect(states).toHaveLength(2);
  });

  it("falls silent is found on both sides", async () => {
    const limits = { pingIntervalMs: 100, silenceMaxMs: 1_000 };
    const cancelled = Promise.withResolvers<AppError>();
    const server = await serve(
      {
        generate(_request, call) {
          call.onCancel(cancelled.resolve);
          call.send(Buffer.from("first"));
        },
      },
      limits,
    );
    const proxy = await startProxy(server.port);
    const opened = await link(proxy.port, limits);
    const { sink, first, ended } = record();
    opened.open(generate, {}, options, sink);
    await first;
    // Quiet is no fault while pings are answered.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(opened.inFlight).toBe(1);
    proxy.silence();
    expect((await ended)?.code).toBe("unavailable");
    expect((await cancelled.promise).code).toBe("cancelled");
  });

  it("drains finishes its open calls, and its successor takes the new ones", async () => {
    const gate = Promise.withResolvers<void>();
    const old = await serve({
      async *generate() {
        yield { event: { case: "output", value: Buffer.from("first") } };
        await gate.promise;
      },
    });
    const proxy = await startProxy(old.port);
    const opened = await link(proxy.port, { backoffMinMs: 10, backoffMaxMs: 50 });
    const { sink, first, ended } = record();
    opened.open(generate, {}, options, sink);
    await first;
    const drained = old.server.drain(AbortSignal.timeout(PATIENCE_MS));
    await expect.poll(() => opened.state).toBe("draining");
    const client = opened.client(AdapterService);
    expect((await failure(client.probe({}, options))).code).toBe("unavailable");
    await client.abort({}, { ...options, isControl: true });
    proxy.lead((await serve({ probe: async () => ({ isUp: true }) })).port);
    await opened.whenReady(PATIENCE_MS);
    expect((await client.probe({}, options)).isUp).toBe(true);
    expect(opened.inFlight).toBe(1);
    gate.resolve();
    expect(await ended).toBeUndefined();
    await drained;
    expect(opened.inFlight).toBe(0);
    expect(opened.state).toBe("ready");
  });

  it("is drained when idle goes at once", async () => {
    const { server, port } = await serve({});
    const opened = await link(port, patient);
    // Nothing cuts it short: it ends by itself, or never.
    await server.drain(new AbortController().signal);
    await expect.poll(() => opened.state).toBe("connecting");
  });

  it("does not read it bounds what waits, and fails calls rather than grow", async () => {
    const { port } = await serve({});
    const proxy = await startProxy(port);
    const opened = await link(proxy.port, { queueBytesMax: 4_000_000 });
    proxy.silence();
    const body = Buffer.alloc(500_000);
    const calls = Array.from({ length: 100 }, () => record());
    for (const { sink } of calls) {
      opened.open(probe, { model: body.toString("latin1") }, options, sink as never);
    }
    const refused = calls.slice(-80).map(({ ended }) => ended);
    const codes = (await Promise.all(refused)).map((error) => error?.code);
    expect(new Set(codes)).toEqual(new Set(["unavailable"]));
    expect(opened.inFlight).toBeLessThan(20);
    opened.close();
  });
});
