import { RouterService } from "@fairlead/proto/router/v1/router";
import { createLink, createRpcServer, type RpcServer, serveLink } from "@fairlead/rpc";
import { afterEach, describe, expect, it } from "vitest";
import { silent, until } from "../test-platform/start-platform.test-helper.ts";
import { RouterLinks } from "./router-links.ts";

const call = { timeoutMs: 20_000 };
const unused = () => Promise.reject(new Error("not called"));
const servers: RpcServer[] = [];
let routers: RouterLinks | undefined;

afterEach(() => {
  routers?.close();
  for (const server of servers.splice(0)) {
    server.close();
  }
});

/** A router that says its name; `wait` holds its answer back. */
async function startRouter(name: string, wait?: Promise<void>): Promise<string> {
  const server = createRpcServer({ logger: silent });
  servers.push(server);
  const listProviders = async () => {
    await wait;
    return { providers: [{ slug: name, name }] };
  };
  const handlers = { plan: unused, listModels: unused, listEndpoints: unused, listProviders };
  serveLink(server, [[RouterService, { ...handlers, listIdleEndpoints: unused }]]);
  return `127.0.0.1:${await server.listen("127.0.0.1", 0)}`;
}

async function ask(links: RouterLinks): Promise<string> {
  const { providers } = await links.call((client) => client.listProviders({}, call));
  return providers[0]?.slug ?? "";
}

async function askMany(links: RouterLinks): Promise<Set<string>> {
  const names = new Set<string>();
  for (let count = 0; count < 8; count += 1) {
    names.add(await ask(links));
  }
  return names;
}

describe("RouterLinks", () => {
  it("uses all routers in turn, and new ones as they come", async () => {
    const [one, two, three] = [
      await startRouter("one"),
      await startRouter("two"),
      await startRouter("three"),
    ];
    routers = new RouterLinks((address) => createLink(address, { logger: silent }));
    expect(routers.isReady).toBe(false);
    await expect(ask(routers)).rejects.toMatchObject({ code: "unavailable" });
    routers.update([one, two]);
    const links = routers;
    await until(() => links.isReady);
    await expect.poll(() => askMany(links)).toEqual(new Set(["one", "two"]));
    routers.update([two, three]);
    await expect.poll(() => askMany(links)).toEqual(new Set(["two", "three"]));
  });

  it("tells those who wait as soon as a router can be asked, and when none will be", async () => {
    routers = new RouterLinks((address) => createLink(address, { logger: silent }));
    const client = new AbortController();
    const waits = [routers.untilReady(60_000, client.signal)];
    expect(await routers.untilReady(10, client.signal)).toBe(false);
    routers.update([await startRouter("one")]);
    expect(await Promise.all(waits)).toEqual([true]);
    expect(await routers.untilReady(60_000, client.signal)).toBe(true);
    const alone = new RouterLinks((address) => createLink(address, { logger: silent }));
    const [aborted, closed] = [
      alone.untilReady(60_000, client.signal),
      alone.untilReady(60_000, new AbortController().signal),
    ];
    client.abort();
    expect(await aborted).toBe(false);
    alone.close();
    expect(await closed).toBe(false);
  });

  it("lets a call on a router that vanished end, and closes its link then", async () => {
    const answered = Promise.withResolvers<void>();
    const slow = await startRouter("slow", answered.promise);
    const other = await startRouter("other");
    const opened: ReturnType<typeof createLink>[] = [];
    routers = new RouterLinks((address) => {
      const link = createLink(address, { logger: silent });
      opened.push(link);
      return link;
    });
    const links = routers;
    routers.update([slow]);
    await until(() => links.isReady);
    const pending = ask(links);
    routers.update([other]);
    routers.sweep();
    expect(opened[0]?.state).toBe("ready");
    await until(() => links.isReady);
    expect(await ask(links)).toBe("other");
    answered.resolve();
    expect(await pending).toBe("slow");
    routers.sweep();
    expect(opened[0]?.state).toBe("closed");
    expect(links.isReady).toBe(true);
  });
});
