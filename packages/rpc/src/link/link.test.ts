import { decode, encode } from "@fairlead/proto/wire";
import { AppError } from "@fairlead/errors";
import {
  AdapterService,
  type GenerateResponse,
  ProbeRequestSchema,
  ProbeResponseSchema,
} from "@fairlead/proto/adapter/v1/adapter";
import { afterEach, describe, expect, it } from "vitest";
import { addService } from "../grpc/serve.ts";
import { createRpcServer } from "../grpc/server.ts";
import type { CallContext, ServiceHandlers } from "../handler-types.ts";
import { createLink } from "./create-link.ts";
import type { LinkOptions, ServeLinkOptions } from "./link-options.ts";
import type { CallSink } from "./link-types.ts";
import { serveLink } from "./serve-link.ts";

type Handlers = ServiceHandlers<typeof AdapterService>;

const logger = { info() {}, warn() {}, error() {} };
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) {
    close();
  }
});

const unused: Handlers = {
  probe: async () => ({}),
  acknowledgeUsage: async () => ({}),
  abort: async () => ({}),
  generate: (_request, call) => call.end(),
};

async function start(
  handlers: Partial<Handlers>,
  options: ServeLinkOptions = {},
  linkOptions: Partial<LinkOptions> = {},
) {
  const server = createRpcServer({ logger });
  const all = { ...unused, ...handlers };
  serveLink(server, [[AdapterService, all]], options);
  addService(server, AdapterService, all);
  const port = await server.listen("127.0.0.1", 0);
  const link = createLink(`127.0.0.1:${port}`, { logger, ...linkOptions });
  closers.push(() => {
    link.close();
    server.close();
  });
  await link.whenReady(20_000);
  return { server, link, client: link.client(AdapterService), port };
}

async function failure(promise: Promise<unknown>): Promise<AppError> {
  const error: unknown = await promise.then(
    () => new Error("did not fail"),
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(AppError);
  return error as AppError;
}

async function collect(stream: AsyncIterable<GenerateResponse>): Promise<string[]> {
  const seen: string[] = [];
  for await (const { event } of stream) {
    seen.push(event.case === "output" ? Buffer.from(event.value).toString() : `${event.case}`);
  }
  return seen;
}

function record() {
  const seen: string[] = [];
  const { promise, resolve } = Promise.withResolvers<AppError | undefined>();
  const sink: CallSink<(typeof AdapterService)["method"]["generate"]["output"]> = {
    message: ({ event }) => seen.push(event.case ?? "none"),
    bytes: (value) => seen.push(Buffer.from(value).toString()),
    end: resolve,
  };
  return { seen, sink, ended: promise };
}

const options = { timeoutMs: 20_000 };

describe("a link", () => {
  it("carries unary calls with their context", async () => {
    let context: CallContext | undefined;
    const { client, link } = await start({
      async probe(request, given) {
        context = given;
        return { latencyMs: request.provider.length };
      },
    });
    const traceparent = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;
    const call = { ...options, traceparent, metadata: { "x-tenant": "té" } };
    const replies = [1, 2, 3].map((n) => client.probe({ provider: "p".repeat(n) }, call));
    expect((await Promise.all(replies)).map((reply) => reply.latencyMs)).toEqual([1, 2, 3]);
    expect(context?.traceparent).toBe(traceparent);
    expect(context?.metadata.get("x-tenant")).toBe("té");
    expect(context?.deadline?.getTime()).toBeGreaterThan(Date.now());
    expect(link.inFlight).toBe(0);
  });

  it("gives the caller the handler's AppError whole, and hides others", async () => {
    const { client } = await start({
      probe: async ({ provider }) => {
        if (provider === "ours") {
          throw new AppError("conflict", "Taken — déjà.", {
            param: "p",
            metadata: { a: [1] },
            retryAfterMs: 9,
          });
        }
        throw new Error("password=hunter2");
      },
    });
    const ours = await failure(client.probe({ provider: "ours" }, options));
    expect(ours).toMatchObject({
      code: "conflict",
      message: "Taken — déjà.",
      param: "p",
      metadata: { a: [1] },
      retryAfterMs: 9,
    });
    const other = await failure(client.probe({}, options));
    expect(other.code).toBe("internal");
    expect(other.message).not.toContain("hunter2");
  });

  it("carries streams of either form, in order, bytes and messages", async () => {
    const texts = Array.from({ length: 3000 }, (_, n) => `${n}`.padStart(400, "."));
    const { client, link } = await start({
      async *generate(request) {
        if (request.model === "fails") {
          throw new AppError("provider_timeout", "Too slow.");
        }
        yield { event: { case: "start", value: {} } };
        for (const text of texts) {
          yield { event: { case: "output", value: Buffer.from(text) } };
        }
      },
    });
    expect(await collect(client.generate({}, options))).toEqual(["start", ...texts]);
    const failed = await failure(collect(client.generate({ model: "fails" }, options)));
    expect(failed.code).toBe("provider_timeout");
    const { seen, sink, ended } = record();
    link.open(AdapterService.method.generate, {}, options, sink);
    expect(await ended).toBeUndefined();
    expect(seen).toEqual(["start", ...texts]);
  });

  it("takes a request that is encoded, and gives messages undecoded to who asks", async () => {
    const { link } = await start({
      probe: async ({ model }) => ({ isUp: model === "encoded", latencyMs: 7 }),
    });
    const request = encode(ProbeRequestSchema, { model: "encoded" });
    const { promise, resolve } = Promise.withResolvers<Uint8Array>();
    link.open(AdapterService.method.probe, request, options, {
      raw: resolve,
      message: () => undefined,
      end: () => undefined,
    });
    const answer = decode(ProbeResponseSchema, await promise);
    expect(answer).toMatchObject({ isUp: true, latencyMs: 7 });
  });

  it("holds a hot handler back while its reader is paused, and goes on after", async () => {
    let sent = 0;
    const { link, client } = await start(
      {
        generate(_request, call) {
          const push = (): void => {
            while (sent < 1000 && call.send(Buffer.alloc(1000, sent++ % 251))) {}
            if (sent === 1000 && !call.isEnded) {
              call.end();
            }
          };
          call.onDrain(push);
          push();
        },
      },
      {},
      { windowBytes: 50_000 },
    );
    const { seen, sink, ended } = record();
    const call = link.open(AdapterService.method.generate, {}, options, sink);
    call.pause();
    await client.probe({}, options);
    await client.probe({}, options);
    expect(seen).toEqual([]);
    expect(sent).toBeLessThan(60);
    call.resume();
    expect(await ended).toBeUndefined();
    expect(seen).toHaveLength(1000);
  });

  it("takes a message larger than a window, and refuses one larger than its limit", async () => {
    const { link } = await start(
      {
        generate(request, call) {
          call.send(request.body);
          call.end();
        },
      },
      {},
      { windowBytes: 1000, messageBytesMax: 3_000_000 },
    );
    const large = record();
    const method = AdapterService.method.generate;
    link.open(method, { body: Buffer.alloc(2_000_000, "x") }, options, large.sink);
    expect(await large.ended).toBeUndefined();
    expect(large.seen[0]?.length).toBe(2_000_000);
    const tooLarge = record();
    link.open(method, { body: Buffer.alloc(3_000_001) }, options, tooLarge.sink);
    expect((await tooLarge.ended)?.code).toBe("payload_too_large");
  });

  it("ends calls at their deadline and at their caller's signal, on both sides", async () => {
    const reasons: string[] = [];
    const { client, link } = await start({
      generate: (_request, call) => call.onCancel((reason) => reasons.push(reason.code)),
      probe: (_request, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => {
            reasons.push((signal.reason as AppError).code);
            reject(signal.reason);
          });
        }),
    });
    expect((await failure(client.probe({}, { timeoutMs: 60 }))).code).toBe("timeout");
    const signal = AbortSignal.timeout(60);
    expect((await failure(client.probe({}, { ...options, signal }))).code).toBe("cancelled");
    const late = AbortSignal.abort();
    expect((await failure(client.probe({}, { ...options, signal: late }))).code).toBe("cancelled");
    const { sink, ended } = record();
    link.open(AdapterService.method.generate, {}, options, sink).cancel();
    expect((await ended)?.code).toBe("cancelled");
    await expect.poll(() => reasons).toHaveLength(3);
    expect(link.inFlight).toBe(0);
  });

  it("refuses calls above the server's limit and methods that it does not serve", async () => {
    const { client } = await start({ probe: () => new Promise(() => {}) }, { callsMax: 2 });
    const open = [client.probe({}, options), client.probe({}, options)].map(failure);
    const refused = await failure(client.probe({}, options));
    expect(refused.code).toBe("unavailable");
    expect(refused.retryAfterMs).toBeGreaterThan(0);
    closers.splice(0).map((close) => close());
    expect((await Promise.all(open)).map((error) => error.code)).toEqual([
      "cancelled",
      "cancelled",
    ]);
  });

  it("fails with unavailable, in the hot form too, where nobody listens", async () => {
    const link = createLink("127.0.0.1:1", { logger });
    closers.push(() => link.close());
    const { sink, ended } = record();
    link.open(AdapterService.method.generate, {}, options, sink);
    expect((await ended)?.code).toBe("unavailable");
    expect((await failure(link.whenReady(100))).code).toBe("unavailable");
    expect(link.state).toBe("connecting");
    link.close();
    expect(link.state).toBe("closed");
  });
});
