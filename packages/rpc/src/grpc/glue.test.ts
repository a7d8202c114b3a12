import { AppError } from "@fairlead/errors";
import { AdapterService } from "@fairlead/proto/adapter/v1/adapter";
import { afterEach, describe, expect, it } from "vitest";
import { createClient } from "./client.ts";
import { errorDetail } from "../error-detail.ts";
import type { CallContext, ServiceHandlers } from "../handler-types.ts";
import type { RpcLogger } from "../log.ts";
import { addService } from "./serve.ts";
import { createRpcServer } from "./server.ts";

type Handlers = ServiceHandlers<typeof AdapterService>;

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) {
    close();
  }
});

async function start(handlers: Partial<Handlers>) {
  const logged: object[] = [];
  const logger: RpcLogger = { info() {}, warn() {}, error: (fields) => logged.push(fields) };
  const server = createRpcServer({ logger });
  addService(server, AdapterService, { ...unused, ...handlers });
  const port = await server.listen("127.0.0.1", 0);
  const client = createClient(AdapterService, `127.0.0.1:${port}`);
  closers.push(() => {
    client.close();
    server.close();
  });
  return { server, client, logged };
}

const unused: Handlers = {
  probe: async () => ({}),
  acknowledgeUsage: async () => ({}),
  abort: async () => ({}),
  generate: (_request, call) => call.end(),
};

async function failure(promise: Promise<unknown>): Promise<AppError> {
  const error: unknown = await promise.then(
    () => new Error("did not fail"),
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(AppError);
  return error as AppError;
}

async function collect(stream: AsyncIterable<{ event: { value?: unknown } }>): Promise<string[]> {
  const seen: string[] = [];
  for await (const { event } of stream) {
    seen.push(Buffer.from(event.value as Uint8Array).toString());
  }
  return seen;
}

/** A service that never answers a probe: `entered` is the first one, `reasons` why each ended. */
async function startWaiting() {
  const entered = Promise.withResolvers<void>();
  const reasons: string[] = [];
  const started = await start({
    probe: (_request, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => {
          reasons.push((signal.reason as AppError).code);
          reject(signal.reason);
        });
        entered.resolve();
      }),
  });
  return { ...started, entered: entered.promise, reasons };
}

const options = { timeoutMs: 20_000 };

describe("unary calls", () => {
  it("carry messages, deadline, metadata and trace context", async () => {
    let context: CallContext | undefined;
    const { client } = await start({
      async probe(request, given) {
        context = given;
        return { latencyMs: request.provider.length };
      },
    });
    const traceparent = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;
    const call = { ...options, traceparent, metadata: { "x-tenant": "t1" } };
    const reply = await client.probe({ provider: "four" }, call);
    expect(reply.latencyMs).toBe(4);
    expect(context?.traceparent).toBe(traceparent);
    expect(context?.metadata.get("x-tenant")).toBe("t1");
    const leftMs = (context?.deadline?.getTime() ?? 0) - Date.now();
    expect(leftMs).toBeGreaterThan(1_000);
    expect(leftMs).toBeLessThanOrEqual(options.timeoutMs);
  });

  it("give the caller the handler's AppError whole", async () => {
    const thrown = new AppError("rate_limit_exceeded", "Too många requests — wait.", {
      param: "model",
      metadata: { provider: { name: "x", limits: [1, 2] } },
      retryAfterMs: 1500,
    });
    const { client, logged } = await start({
      probe: async () => {
        throw thrown;
      },
    });
    const { code, message, param, metadata, retryAfterMs } = await failure(
      client.probe({}, options),
    );
    expect({ code, message, param, metadata, retryAfterMs }).toEqual({
      code: thrown.code,
      message: thrown.message,
      param: thrown.param,
      metadata: thrown.metadata,
      retryAfterMs: thrown.retryAfterMs,
    });
    expect(logged).toEqual([]);
  });

  it("hide what is not an AppError, and log it", async () => {
    const cause = new Error("password=hunter2");
    const { client, logged } = await start({ probe: () => Promise.reject(cause) });
    const error = await failure(client.probe({}, options));
    expect(error.code).toBe("internal");
    expect(error.message).not.toContain("hunter2");
    expect(logged).toEqual([{ err: cause, method: "/fairlead.adapter.v1.AdapterService/Probe" }]);
  });

  it("answer with internal when a reply does not fit its type", async () => {
    const { client, logged } = await start({ probe: async () => ({ latencyMs: -1 }) });
    expect((await failure(client.probe({}, options))).code).toBe("internal");
    expect(logged).toHaveLength(1);
  });

  it("end with timeout at the deadline, and tell the handler", async () => {
    const { client, reasons } = await startWaiting();
    const callUntilDeadline = async () => {
      expect((await failure(client.probe({}, { timeoutMs: 100 }))).code).toBe("timeout");
      return reasons.length;
    };
    // On a busy machine a call may not even be with the server by then; the next one is.
    await expect.poll(callUntilDeadline, { timeout: 20_000 }).toBeGreaterThan(0);
  });

  it("end with cancelled at the caller's signal, and tell the handler", async () => {
    const { client, entered, reasons } = await startWaiting();
    const control = new AbortController();
    const open = failure(client.probe({}, { ...options, signal: control.signal }));
    await entered;
    control.abort();
    expect((await open).code).toBe("cancelled");
    await expect.poll(() => reasons).toEqual(["cancelled"]);
    const late = AbortSignal.abort();
    expect((await failure(client.probe({}, { ...options, signal: late }))).code).toBe("cancelled");
    expect(reasons).toHaveLength(1);
  });

  it("fail with unavailable when nobody listens or the server is cut", async () => {
    const nobody = createClient(AdapterService, "127.0.0.1:1");
    closers.push(() => nobody.close());
    const refused = await failure(nobody.probe({}, options));
    expect(refused.code).toBe("unavailable");
    expect(refused.message).not.toContain("127.0.0.1");
    const { client, server, entered } = await startWaiting();
    const open = failure(client.probe({}, options));
    await entered;
    server.close();
    expect((await open).code).toBe("unavailable");
  });

  it("never abort the signal of a call that was answered", async () => {
    const signals: AbortSignal[] = [];
    const { client } = await start({
      async probe(_request, context) {
        signals.push(context.signal);
        return {};
      },
      async *generate(_request, context) {
        signals.push(context.signal);
        yield { event: { case: "output", value: Buffer.from("a") } };
      },
    });
    await client.probe({}, options);
    await collect(client.generate({}, options));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(signals.map((signal) => signal.aborted)).toEqual([false, false]);
  });
});

describe("streams", () => {
  it("take both forms of handler and keep order under back-pressure", async () => {
    const texts = Array.from({ length: 3000 }, (_, n) => `${n}`.padStart(400, "."));
    const { client } = await start({
      async *generate(request) {
        if (request.model === "fails") {
          throw new AppError("provider_timeout", "Too slow.");
        }
        for (const text of texts) {
          yield { event: { case: "output", value: Buffer.from(text) } };
        }
      },
    });
    expect(await collect(client.generate({}, options))).toEqual(texts);
    const failed = await failure(collect(client.generate({ model: "fails" }, options)));
    expect(failed.code).toBe("provider_timeout");

    const { client: hot } = await start({
      generate(_request, call) {
        let next = 0;
        const push = (): void => {
          while (next < texts.length && call.send(Buffer.from(texts[next++] ?? ""))) {}
          if (next === texts.length) {
            call.end();
          }
        };
        call.onDrain(push);
        push();
      },
    });
    expect(await collect(hot.generate({}, options))).toEqual(texts);
  });

  it("carry the detail beside an error, after messages too", async () => {
    const detail = Buffer.from([0, 255, 1]);
    const { client } = await start({
      generate(_request, call) {
        call.send(Buffer.from("a"));
        call.fail(new AppError("provider_overloaded", "Busy."), detail);
        expect(call.send(Buffer.from("b"))).toBe(false);
      },
    });
    const error = await failure(collect(client.generate({}, options)));
    expect(error.code).toBe("provider_overloaded");
    expect(errorDetail(error)).toEqual(detail);
  });

  it("stop a handler that does not wait for its reader", async () => {
    let accepted = 0;
    const { client } = await start({
      generate(_request, call) {
        for (let sent = 0; sent < 10_000 && !call.isEnded; sent += 1) {
          call.send(Buffer.alloc(10_000));
          accepted += 1;
        }
      },
    });
    expect((await failure(collect(client.generate({}, options)))).code).toBe("unavailable");
    expect(accepted).toBeLessThan(200);
  });

  it("cancel when the loop is left, and tell the handler", async () => {
    const { promise: cancelled, resolve } = Promise.withResolvers<AppError>();
    const { client } = await start({
      generate(_request, call) {
        call.onCancel(resolve);
        call.send(Buffer.from("a"));
      },
    });
    for await (const _reply of client.generate({}, options)) {
      break;
    }
    expect((await cancelled).code).toBe("cancelled");
  });
});

describe("the server", () => {
  it("finishes open calls when it drains, then takes none", async () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const { promise: entered, resolve: enter } = Promise.withResolvers<void>();
    const { client, server } = await start({
      probe: async () => {
        enter();
        await gate;
        return { isUp: true };
      },
    });
    const call = client.probe({}, options);
    await entered;
    const drained = server.drain(AbortSignal.timeout(20_000));
    open();
    expect((await call).isUp).toBe(true);
    await drained;
    expect((await failure(client.probe({}, options))).code).toBe("unavailable");
  });

  it("cuts what is open when the drain's signal aborts", async () => {
    const { client, server, entered } = await startWaiting();
    const call = failure(client.probe({}, options));
    await entered;
    await server.drain(AbortSignal.timeout(50));
    expect((await call).code).toBe("unavailable");
  });
});
