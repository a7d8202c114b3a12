import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type AddressWatch, type ResolveHost, watchAddresses } from "./watch-addresses.ts";

const ignore = () => undefined;
let warnings = 0;
let errors = 0;
const logger = {
  info: ignore,
  warn: () => {
    warnings += 1;
  },
  error: () => {
    errors += 1;
  },
};
let watch: AddressWatch | undefined;

beforeEach(() => {
  vi.useFakeTimers();
  warnings = 0;
  errors = 0;
});

afterEach(() => {
  watch?.close();
  vi.useRealTimers();
});

/** Watches, and returns the list of all that was told. */
function start(targets: readonly string[], resolve: ResolveHost) {
  const told: (readonly string[])[] = [];
  watch = watchAddresses(targets, { resolve, logger, onChange: (it) => told.push(it) });
  return told;
}

const look = () => vi.advanceTimersByTimeAsync(2_000);

describe("watchAddresses", () => {
  it("tells all addresses of a name, and each change within two seconds", async () => {
    let found = ["10.0.0.2", "10.0.0.1"];
    const told = start(["router:50051"], async () => found);
    await vi.advanceTimersByTimeAsync(0);
    expect(told).toEqual([["10.0.0.1:50051", "10.0.0.2:50051"]]);
    await look();
    expect(told).toHaveLength(1);
    found = ["10.0.0.2", "fd00::3"];
    await look();
    expect(told).toHaveLength(2);
    expect(told[1]).toEqual(["10.0.0.2:50051", "[fd00::3]:50051"]);
  });

  it("keeps what it knows while the name does not resolve, or has no address", async () => {
    let answer: () => Promise<string[]> = async () => ["10.0.0.1"];
    const told = start(["router:50051"], () => answer());
    await vi.advanceTimersByTimeAsync(0);
    answer = () => Promise.reject(new Error("SERVFAIL"));
    await look();
    await look();
    expect(warnings).toBe(1);
    answer = async () => [];
    await look();
    expect(told).toEqual([["10.0.0.1:50051"]]);
    answer = async () => ["10.0.0.9"];
    await look();
    expect(told.at(-1)).toEqual(["10.0.0.9:50051"]);
  });

  it("does not ask for addresses, and lets a slow name hold up no other", async () => {
    const asked: string[] = [];
    const told = start(["127.0.0.1:1", "[::1]:2", "slow:3", "fast:4"], (host) => {
      asked.push(host);
      return host === "slow" ? new Promise(() => undefined) : Promise.resolve(["10.0.0.4"]);
    });
    await look();
    expect(new Set(asked)).toEqual(new Set(["slow", "fast"]));
    expect(told.at(-1)).toEqual(["10.0.0.4:4", "127.0.0.1:1", "[::1]:2"]);
    // It is still looking: no second look begins.
    await look();
    expect(asked).toHaveLength(2);
  });

  it("goes on when a listener throws, and tells it again at the next look", async () => {
    let found = ["10.0.0.1"];
    const told: (readonly string[])[] = [];
    let isBroken = true;
    watch = watchAddresses(["router:1"], {
      logger,
      resolve: async () => found,
      onChange: (addresses) => {
        if (isBroken) {
          throw new Error("no room");
        }
        told.push(addresses);
      },
    });
    await vi.advanceTimersByTimeAsync(0);
    expect(errors).toBe(1);
    isBroken = false;
    await look();
    expect(told).toEqual([["10.0.0.1:1"]]);
    found = ["10.0.0.2"];
    await look();
    expect(told).toHaveLength(2);
  });

  it("says nothing after it was closed", async () => {
    const told = start(["router:1"], async () => ["10.0.0.1"]);
    watch?.close();
    await look();
    expect(told).toEqual([]);
  });
});
