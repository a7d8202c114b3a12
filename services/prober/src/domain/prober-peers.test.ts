import { describe, expect, it } from "vitest";
import { ProberPeers } from "./prober-peers.ts";

const endpoints = Array.from({ length: 3_000 }, (_, index) => `endpoint-${index}`);
const names = ["prober-a", "prober-b", "prober-c"];

/** Probers that have heard each other every second until `untilMs`. */
function gather(probers: readonly string[], untilMs: number): Map<string, ProberPeers> {
  const all = new Map(probers.map((name) => [name, new ProberPeers(name)]));
  for (let nowMs = 0; nowMs <= untilMs; nowMs += 1_000) {
    for (const peers of all.values()) {
      for (const name of probers) {
        peers.hear(name, false, nowMs);
      }
    }
  }
  return all;
}

function own(all: Map<string, ProberPeers>, name: string, nowMs: number): string[] {
  return all.get(name)?.selectOwn(endpoints, nowMs) ?? [];
}

describe("ProberPeers", () => {
  it("gives each endpoint to exactly one prober, in even shares", () => {
    const all = gather(names, 5_000);
    const shares = names.map((name) => own(all, name, 5_000));
    expect(shares.flat().toSorted()).toEqual(endpoints.toSorted());
    for (const share of shares) {
      expect(share.length).toBeGreaterThan(850);
      expect(share.length).toBeLessThan(1_150);
    }
  });

  it("moves only the endpoints of a prober that falls silent, within three seconds", () => {
    const all = gather(names, 5_000);
    const before = new Set(own(all, "prober-a", 5_000));
    const orphans = new Set(own(all, "prober-c", 5_000));
    for (let nowMs = 6_000; nowMs <= 9_000; nowMs += 1_000) {
      for (const name of ["prober-a", "prober-b"]) {
        all.get("prober-a")?.hear(name, false, nowMs);
      }
    }
    const after = own(all, "prober-a", 9_000);
    expect(after.length).toBeGreaterThan(before.size);
    expect(after.filter((id) => !before.has(id) && !orphans.has(id))).toEqual([]);
    expect([...before].filter((id) => !after.includes(id))).toEqual([]);
  });

  it("takes over at once from one that says goodbye", () => {
    const all = gather(names.slice(0, 2), 5_000);
    all.get("prober-a")?.hear("prober-b", true, 5_000);
    expect(own(all, "prober-a", 5_000)).toHaveLength(endpoints.length);
  });

  it("probes nothing before the others had the time to be heard, nor just after the bus was away", () => {
    const peers = new ProberPeers("prober-a");
    expect(peers.selectOwn(endpoints, 0)).toEqual([]);
    peers.hear("prober-a", false, 0);
    peers.hear("prober-a", false, 1_000);
    expect(peers.selectOwn(endpoints, 1_999)).toEqual([]);
    peers.hear("prober-a", false, 2_000);
    expect(peers.selectOwn(endpoints, 2_000)).toHaveLength(endpoints.length);
    // The bus is away: it hears nobody, not even itself.
    expect(peers.selectOwn(endpoints, 6_000)).toEqual([]);
    peers.hear("prober-a", false, 20_000);
    expect(peers.selectOwn(endpoints, 20_500)).toEqual([]);
    peers.hear("prober-b", false, 20_800);
    peers.hear("prober-a", false, 22_000);
    expect(peers.selectOwn(endpoints, 22_000).length).toBeLessThan(endpoints.length);
    expect(peers.count(22_000)).toBe(2);
  });
});
