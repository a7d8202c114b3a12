import { create } from "@bufbuild/protobuf";
import { AppError } from "@fairlead/errors";
import { type Key, KeySchema } from "@fairlead/proto/ledger/v1/ledger";
import { describe, expect, it } from "vitest";
import { checkInference, checkManagement, checkUsable } from "./check-key.ts";
import { KeyCache } from "./key-cache.ts";

const hmac = new Uint8Array(32);

function createCache(records: Map<string, Key | Error>) {
  const clock = { nowMs: 0 };
  const state = { lookUps: 0, current: "a" };
  const cache = new KeyCache({
    now: () => clock.nowMs,
    capacity: 3,
    lookUp: async () => {
      state.lookUps += 1;
      const record = records.get(state.current);
      await Promise.resolve();
      if (record instanceof Error) {
        throw record;
      }
      return record;
    },
  });
  return { cache, clock, state };
}

const key = create(KeySchema, { keyId: "id", accountId: "account" });

describe("KeyCache", () => {
  it("looks a key up once, however many ask at once, until its time is over", async () => {
    const { cache, clock, state } = createCache(new Map([["a", key]]));
    await Promise.all([cache.resolve("a", hmac), cache.resolve("a", hmac)]);
    expect(cache.peek("a")).toBe(key);
    expect(state.lookUps).toBe(1);
    clock.nowMs = 61_000;
    expect(cache.peek("a")).toBeUndefined();
  });

  it("remembers for a moment that there is no such key", async () => {
    const { cache, clock, state } = createCache(new Map());
    expect(await cache.resolve("a", hmac)).toBeUndefined();
    expect(await cache.resolve("a", hmac)).toBeUndefined();
    expect(state.lookUps).toBe(1);
    clock.nowMs = 11_000;
    await cache.resolve("a", hmac);
    expect(state.lookUps).toBe(2);
  });

  it("serves what it knew while the ledger is away", async () => {
    const records = new Map<string, Key | Error>([["a", key]]);
    const { cache, clock } = createCache(records);
    await cache.resolve("a", hmac);
    records.set("a", new AppError("unavailable", "away"));
    clock.nowMs = 120_000;
    expect(await cache.resolve("a", hmac)).toBe(key);
    clock.nowMs = 4_000_000;
    await expect(cache.resolve("a", hmac)).rejects.toMatchObject({ code: "unavailable" });
  });

  it("forgets by id and by account, and does not keep an answer that a change overtook", async () => {
    const { cache } = createCache(new Map([["a", key]]));
    await cache.resolve("a", hmac);
    cache.forget(["id"], "");
    expect(cache.peek("a")).toBeUndefined();
    const pending = cache.resolve("a", hmac);
    cache.forget([], "account");
    expect(await pending).toBe(key);
    expect(cache.peek("a")).toBeUndefined();
  });

  it("keeps real keys through a flood of guesses, and stays bounded", async () => {
    const { cache, state } = createCache(new Map([["a", key]]));
    await cache.resolve("a", hmac);
    state.current = "none";
    for (let index = 0; index < 50; index += 1) {
      await cache.resolve(`guess-${index}`, hmac);
    }
    expect(cache.peek("a")).toBe(key);
    expect(cache.size).toBeLessThanOrEqual(4);
  });
});

describe("key checks", () => {
  const usable = { isDisabled: false, isManagement: false, expiresAtMs: 0n };

  it("refuses disabled and expired keys with 401", () => {
    expect(() => checkUsable(usable, 5)).not.toThrow();
    expect(() => checkUsable({ ...usable, isDisabled: true }, 5)).toThrow(/disabled/);
    expect(() => checkUsable({ ...usable, expiresAtMs: 5n }, 4.9)).not.toThrow();
    expect(() => checkUsable({ ...usable, expiresAtMs: 5n }, 5)).toThrow(/expired/);
  });

  it("keeps inference and management apart with 403", () => {
    expect(() => checkInference({ ...usable, isManagement: true })).toThrow(/inference/i);
    expect(() => checkManagement(usable)).toThrow(/management/i);
  });
});
