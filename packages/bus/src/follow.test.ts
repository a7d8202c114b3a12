import type { JetStreamClient } from "@nats-io/jetstream";
import { createLogger } from "@fairlead/kit";
import { UsageBatchSchema } from "@fairlead/proto/usage/v1/usage";
import { expect, it, vi } from "vitest";
import { createBusCounts } from "./bus-metrics.ts";
import { startFollowing } from "./follow.ts";

it("stops what it gets when it was closed while it connected", async () => {
  const opened = Promise.withResolvers<AsyncIterable<never>>();
  const consume = vi.fn(() => opened.promise);
  const following = startFollowing(
    {
      jetstream: { consumers: { get: async () => ({ consume }) } } as unknown as JetStreamClient,
      logger: createLogger({ service: "bus-test", level: "silent" }),
      counts: createBusCounts(() => true),
    },
    UsageBatchSchema,
    { stream: "s", subjects: ["s"], sinceMs: 0 },
    () => undefined,
  );
  await vi.waitFor(() => expect(consume).toHaveBeenCalledOnce());
  following.close();
  const stop = vi.fn();
  const ended = { next: () => Promise.resolve({ done: true as const, value: undefined }) };
  opened.resolve(Object.assign({ [Symbol.asyncIterator]: () => ended }, { stop }));
  await vi.waitFor(() => expect(stop).toHaveBeenCalledOnce());
});
