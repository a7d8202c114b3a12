import type { AppError } from "@fairlead/errors";
import { AdapterService } from "@fairlead/proto/adapter/v1/adapter";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ServerCall } from "../handler-types.ts";
import { cancelledError } from "../limits.ts";
import { OpenCall } from "./client-call.ts";
import { encodeMessage } from "./message-codec.ts";
import { methodCodec } from "./method-codec.ts";
import { SimulatedLink } from "./simulated-link.test-helper.ts";

const method = AdapterService.method.generate;
const windowBytes = 4000;
const messageBytesMax = 3000;
const timeoutMs = 10_000;
// Few, so that much happens to each.
const callsMax = 4;

/** One call as both sides saw it. */
class Observed {
  readonly received: number[] = [];
  readonly ends: (AppError | undefined)[] = [];
  client: OpenCall | undefined;
  server: ServerCall | undefined;
  serverCancels = 0;
  sent = 0;
  sentBytes = 0;
  mayServerSend = true;
  isPaused = false;
}

class World {
  readonly calls: Observed[] = [];
  readonly link = new SimulatedLink({ windowBytes, messageBytesMax }, (request, call) => {
    const observed = this.calls[request.attempt];
    if (observed !== undefined) {
      observed.server = call;
      call.onDrain(() => {
        observed.mayServerSend = true;
      });
      call.onCancel(() => {
        observed.serverCancels += 1;
      });
    }
  });

  open(): void {
    if (this.calls.length >= callsMax) {
      return;
    }
    const observed = new Observed();
    const request = { attempt: this.calls.push(observed) - 1 };
    const data = encodeMessage(methodCodec(method).input, request);
    const opened = this.link.client.open(
      method,
      data,
      { timeoutMs },
      {
        message() {},
        bytes: (value) => {
          expect(observed.ends).toEqual([]);
          expect(observed.isPaused).toBe(false);
          observed.received.push(Buffer.from(value).readUInt32LE(0));
        },
        end: (error) => observed.ends.push(error),
      },
    );
    observed.client = opened instanceof OpenCall ? opened : undefined;
  }

  /** A polite handler waits after a false; a rude one sends all the same, until it is stopped. */
  send(observed: Observed, size: number, isRude = false): void {
    const mayNot = !observed.mayServerSend && !isRude;
    if (observed.server === undefined || observed.server.isEnded || mayNot) {
      return;
    }
    const message = Buffer.alloc(Math.max(4, size));
    message.writeUInt32LE(observed.sent, 0);
    observed.sent += 1;
    observed.sentBytes += message.length;
    observed.mayServerSend = observed.server.send(message);
  }

  pause(observed: Observed, isPaused: boolean): void {
    observed.isPaused = isPaused;
    if (isPaused) {
      observed.client?.pause();
    } else {
      observed.client?.resume();
    }
  }
}

type Action = (world: World) => void;
const which = fc.nat(callsMax - 1);
const onCall = (act: (world: World, observed: Observed) => void) =>
  which.map(
    (index): Action =>
      (world) => {
        const observed = world.calls[index % Math.max(1, world.calls.length)];
        if (observed !== undefined) {
          act(world, observed);
        }
      },
  );

const move = fc.constantFrom<Action>(
  ({ link }) => void link.toServer.flush(),
  ({ link }) => void link.toClient.flush(),
  ({ link }) => void link.deliver("toServer"),
  ({ link }) => void link.deliver("toClient"),
);
const send = fc
  .record({
    index: which,
    size: fc.nat(messageBytesMax - 20),
    times: fc.integer({ min: 1, max: 5 }),
    isRude: fc.boolean(),
  })
  .map(
    ({ index, size, times, isRude }): Action =>
      (world) => {
        const observed = world.calls[index % Math.max(1, world.calls.length)];
        for (let count = 0; observed !== undefined && count < times; count += 1) {
          world.send(observed, size, isRude);
        }
      },
  );
const anyAction = fc.oneof(
  { weight: 8, arbitrary: move },
  { weight: 4, arbitrary: send },
  { weight: 2, arbitrary: fc.constant<Action>((world) => world.open()) },
  { weight: 1, arbitrary: onCall((world, observed) => world.pause(observed, true)) },
  { weight: 1, arbitrary: onCall((world, observed) => world.pause(observed, false)) },
  { weight: 1, arbitrary: onCall((_world, observed) => observed.client?.cancel()) },
  { weight: 1, arbitrary: onCall((_world, observed) => observed.server?.end()) },
  { weight: 1, arbitrary: onCall((_world, observed) => observed.server?.fail(new Error("x"))) },
  {
    weight: 1,
    arbitrary: fc.nat(3000).map(
      (ms): Action =>
        ({ link }) =>
          link.advance(ms),
    ),
  },
);

function run(actions: readonly Action[]): World {
  const world = new World();
  world.open();
  world.link.settle();
  for (const action of actions) {
    action(world);
  }
  return world;
}

const inOrder = (count: number) => Array.from({ length: count }, (_, n) => n);

describe("whatever is done in whatever order", () => {
  it("a call's messages arrive in order and once, then its end, once", () => {
    fc.assert(
      fc.property(fc.array(anyAction, { maxLength: 120, size: "max" }), (actions) => {
        const world = run(actions);
        for (const observed of world.calls) {
          world.pause(observed, false);
          observed.server?.end();
        }
        world.link.settle();
        for (const observed of world.calls) {
          observed.server?.end();
        }
        world.link.settle();
        for (const { received, ends, sent } of world.calls) {
          expect(received).toEqual(inOrder(received.length));
          expect(ends).toHaveLength(1);
          if (ends[0] === undefined) {
            expect(received).toHaveLength(sent);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it("a connection that breaks ends every call and leaves nothing behind", () => {
    fc.assert(
      fc.property(fc.array(anyAction, { maxLength: 120, size: "max" }), (actions) => {
        const { link, calls } = run(actions);
        link.client.channel.fail(cancelledError());
        link.server.channel.fail(cancelledError());
        for (const { ends, serverCancels, server } of calls) {
          expect(ends).toHaveLength(1);
          expect(serverCancels).toBeLessThanOrEqual(1);
          expect(server?.isEnded ?? true).toBe(true);
        }
        expect(link.client.openCalls).toBe(0);
        expect(link.server.openCalls).toBe(0);
        expect(link.wheel.size).toBe(0);
        link.advance(2 * timeoutMs);
        expect(link.wheel.isRunning).toBe(false);
      }),
      { numRuns: 200 },
    );
  });

  it("cancelling or outliving the deadline frees both sides", () => {
    fc.assert(
      fc.property(
        fc.array(anyAction, { maxLength: 120, size: "max" }),
        fc.boolean(),
        (actions, isLate) => {
          const { link, calls } = run(actions);
          if (isLate) {
            link.settle();
            link.advance(2 * timeoutMs);
          } else {
            for (const { client } of calls) {
              client?.cancel();
            }
          }
          link.settle();
          expect(calls.map(({ ends }) => ends.length)).toEqual(calls.map(() => 1));
          expect([link.client.openCalls, link.server.openCalls, link.wheel.size]).toEqual([
            0, 0, 0,
          ]);
          link.advance(2 * timeoutMs);
          expect(link.wheel.isRunning).toBe(false);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("a paused reader stalls nobody, and what waits for it is bounded", () => {
    const sizes = fc.array(fc.integer({ min: 4, max: messageBytesMax - 20 }), { minLength: 1 });
    fc.assert(
      fc.property(sizes, fc.nat(3), (messageSizes, slowIndex) => {
        const world = new World();
        for (let count = 0; count < 4; count += 1) {
          world.open();
        }
        world.link.settle();
        const slow = world.calls[slowIndex];
        slow?.client?.pause();
        for (let round = 0; round < 20; round += 1) {
          for (const size of messageSizes) {
            for (const observed of world.calls) {
              world.send(observed, size);
            }
            world.link.settle();
          }
        }
        const expected = 20 * messageSizes.length;
        for (const observed of world.calls.filter((call) => call !== slow)) {
          expect(observed.received).toEqual(inOrder(expected));
        }
        expect(slow?.sentBytes).toBeLessThan(windowBytes + messageBytesMax);
        expect(slow?.received).toEqual([]);
        slow?.client?.resume();
        world.link.settle();
        expect(slow?.received).toEqual(inOrder(slow?.sent ?? 0));
      }),
      { numRuns: 50 },
    );
  });
});
