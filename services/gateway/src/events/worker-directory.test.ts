import { create } from "@bufbuild/protobuf";
import { WorkerAnnouncementSchema } from "@fairlead/proto/events/v1/events";
import type { Link, LinkState } from "@fairlead/rpc";
import { describe, expect, it } from "vitest";
import { WorkerDirectory } from "./worker-directory.ts";

interface FakeLink {
  state: LinkState;
  inFlight: number;
  readonly address: string;
}

function setUp() {
  const clock = { nowMs: 0 };
  const links: FakeLink[] = [];
  const directory = new WorkerDirectory({
    now: () => clock.nowMs,
    openLink: (address) => {
      const link = {
        address,
        state: "ready" as LinkState,
        inFlight: 0,
        onStateChange: () => () => undefined,
        close() {
          link.state = "closed";
        },
      };
      links.push(link);
      return link as unknown as Link;
    },
  });
  const announce = (worker: string, address = "host:1", isDraining = false) =>
    directory.announce(
      create(WorkerAnnouncementSchema, { worker, address, pool: "default", isDraining }),
    );
  return { clock, links, directory, announce };
}

describe("WorkerDirectory", () => {
  it("opens one link to each worker, however often it is announced", () => {
    const { announce, directory, links } = setUp();
    announce("a");
    announce("a");
    announce("b", "host:2");
    expect(links.map(({ address }) => address)).toEqual(["host:1", "host:2"]);
    expect(directory.pool("default").map(({ id }) => id)).toEqual(["a", "b"]);
    expect(directory.readyCount).toBe(2);
  });

  it("takes a draining worker out at once and closes its link after its last call", () => {
    const { announce, directory, links } = setUp();
    announce("a");
    const [link] = links;
    if (link) {
      link.inFlight = 1;
    }
    announce("a", "host:1", true);
    expect(directory.pool("default")).toEqual([]);
    directory.sweep();
    expect(link?.state).toBe("ready");
    if (link) {
      link.inFlight = 0;
    }
    directory.sweep();
    expect(link?.state).toBe("closed");
    announce("a", "host:1", true);
    expect(directory.size).toBe(0);
  });

  it("keeps a silent worker while its link lives, and drops it when that is down too", () => {
    const { announce, clock, directory, links } = setUp();
    announce("a");
    clock.nowMs = 10_000;
    directory.sweep();
    expect(directory.readyCount).toBe(1);
    const [link] = links;
    if (link) {
      link.state = "connecting";
    }
    expect(directory.readyCount).toBe(0);
    directory.sweep();
    expect(directory.size).toBe(0);
  });

  it("replaces a restarted worker at the same address", () => {
    const { announce, directory } = setUp();
    announce("a");
    announce("a2");
    expect(directory.pool("default").map(({ id }) => id)).toEqual(["a2"]);
  });
});
