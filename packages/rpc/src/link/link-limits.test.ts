import { metrics } from "@opentelemetry/api";
import { AppError } from "@fairlead/errors";
import { AdapterService } from "@fairlead/proto/adapter/v1/adapter";
import { describe, expect, it, vi } from "vitest";
import type { ServerCall } from "../handler-types.ts";
import { ClientConnection } from "./client-connection.ts";
import { reportStats } from "./link-metrics.ts";
import { resolveLimits } from "./link-options.ts";
import { LinkStats } from "./link-stats.ts";
import { SimulatedLink, SimulatedPipe } from "./simulated-link.test-helper.ts";
import { silentLogger as logger } from "./serve-adapter.test-helper.ts";

const method = AdapterService.method.generate;
const options = { timeoutMs: 10_000 };
const noData = new Uint8Array();

function createSink() {
  const ends: (string | undefined)[] = [];
  let bytes = 0;
  const sink = {
    message() {},
    bytes(value: Uint8Array) {
      bytes += value.length;
    },
    end: (error: AppError | undefined) => ends.push(error?.code),
  };
  return { sink, ends, received: () => bytes };
}

describe("a stream that the network does not take", () => {
  it("makes handlers wait, lets them go on when it does, and loses nothing", () => {
    const calls: { readonly call: ServerCall; sent: number }[] = [];
    const total = 40;
    const link = new SimulatedLink({}, (_request, call) => {
      const state = { call, sent: 0 };
      calls.push(state);
      const push = (): void => {
        while (state.sent < total && call.send(Buffer.alloc(100_000))) {
          state.sent += 1;
        }
        if (state.sent < total) {
          state.sent += 1;
        } else {
          call.end();
        }
      };
      call.onDrain(push);
      push();
    });
    const sinks = Array.from({ length: 10 }, createSink);
    for (const { sink } of sinks) {
      link.client.open(method, noData, options, sink);
    }
    link.toServer.flush();
    link.deliver("toServer");
    link.toClient.flush();
    expect(calls).toHaveLength(10);
    expect(link.server.channel.queuedBytes).toBeLessThan(3_000_000);
    link.settle();
    for (const { ends, received } of sinks) {
      expect(ends).toEqual([undefined]);
      expect(received()).toBe(total * 100_000);
    }
    expect(link.server.channel.queuedBytes).toBe(0);
  });

  it("fails the calls of handlers that would not wait when its queue is full", () => {
    const link = new SimulatedLink(
      { queueBytesMax: 500_000, windowBytes: 10_000_000 },
      (_request, call) => {
        for (let count = 0; count < 100; count += 1) {
          call.send(Buffer.alloc(10_000));
        }
        call.end();
      },
    );
    const sinks = [createSink(), createSink()];
    for (const { sink } of sinks) {
      link.client.open(method, noData, options, sink);
    }
    link.toServer.flush();
    link.deliver("toServer");
    expect(link.server.channel.queuedBytes).toBeLessThan(510_000);
    link.settle();
    expect(sinks.map(({ ends }) => ends)).toEqual([["unavailable"], ["unavailable"]]);
    expect(link.stats.overflows).toBe(2);
  });
});

describe("a stream whose call ids are used up", () => {
  it("drains, so that no id is used twice, and ends after its last call", () => {
    const pipe = new SimulatedPipe();
    const onDraining = vi.fn();
    const connection = new ClientConnection(pipe, {
      limits: resolveLimits({}),
      stats: new LinkStats(),
      logger,
      schedule: pipe.schedule,
      callIdMax: 2,
      onDraining,
      onClosed() {},
    });
    const calls = [0, 1].map(() => connection.open(method, noData, options, createSink().sink));
    expect(onDraining).toHaveBeenCalledOnce();
    pipe.flush();
    expect(pipe.isEnded).toBe(false);
    for (const call of calls) {
      if (!(call instanceof AppError)) {
        call.cancel();
      }
    }
    pipe.flush();
    expect(pipe.isEnded).toBe(true);
    expect(connection.open(method, noData, options, createSink().sink)).toBeInstanceOf(AppError);
    connection.channel.closed(new AppError("unavailable", "Over."));
  });

  it("is broken by a peer that uses one twice", () => {
    const link = new SimulatedLink({}, () => {});
    const sink = createSink();
    link.client.open(method, noData, options, sink.sink);
    link.toServer.flush();
    const batch = link.toServer.next() ?? Buffer.alloc(0);
    link.server.channel.receive(batch);
    expect(link.server.openCalls).toBe(1);
    link.server.channel.receive(batch);
    expect(link.server.openCalls).toBe(0);
    expect(link.toClient.isDestroyed).toBe(true);
    link.client.channel.receive(Buffer.from([0x0a, 0x05, 0x08]));
    expect(sink.ends).toEqual(["unavailable"]);
    expect(link.toServer.isDestroyed).toBe(true);
  });
});

describe("what a sink or a handler throws", () => {
  it("ends its own call and no other", () => {
    const link = new SimulatedLink({}, (request, call) => {
      call.send(Buffer.from("a"));
      if (request.attempt === 1) {
        throw new Error("handler");
      }
      call.end();
    });
    const throwing = createSink();
    const failing = createSink();
    const fine = createSink();
    link.client.open(method, noData, options, {
      ...throwing.sink,
      bytes() {
        throw new Error("sink");
      },
    });
    link.client.open(method, Uint8Array.from([0x10, 1]), options, failing.sink);
    link.client.open(method, noData, options, fine.sink);
    link.settle();
    expect([throwing, failing, fine].map(({ ends }) => ends)).toEqual([
      ["internal"],
      ["internal"],
      [undefined],
    ]);
    expect([link.client.openCalls, link.server.openCalls]).toEqual([0, 0]);
  });
});

describe("metrics", () => {
  it("are sums over the links of a role, and never fall when one ends", () => {
    const callbacks = new Map<string, (result: { observe: typeof observe }) => void>();
    const seen = new Map<string, number>();
    const observe = (value: number, labels: { role: string; direction?: string }): void => {
      seen.set(Object.values(labels).join(" "), value);
    };
    const instrument = (name: string) => ({
      addCallback: (callback: never) => callbacks.set(name, callback),
    });
    const meter = { createObservableCounter: instrument, createObservableGauge: instrument };
    vi.spyOn(metrics, "getMeter").mockReturnValue(meter as never);
    const read = (name: string, labels: string): number | undefined => {
      callbacks.get(name)?.({ observe });
      return seen.get(labels);
    };
    const [first, second] = [new LinkStats(), new LinkStats()];
    const stop = reportStats("client", () => first);
    reportStats("client", () => second);
    first.framesOut = 5;
    second.framesOut = 7;
    first.openCalls = 2;
    expect(read("fairlead.link.frames", "client out")).toBe(12);
    expect(read("fairlead.link.calls", "client")).toBe(2);
    stop();
    stop();
    expect(read("fairlead.link.frames", "client out")).toBe(12);
    expect(read("fairlead.link.calls", "client")).toBe(0);
    vi.restoreAllMocks();
  });
});
