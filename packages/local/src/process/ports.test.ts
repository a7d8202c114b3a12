import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { findFreePorts, isPortFree } from "./ports.ts";

describe("findFreePorts", () => {
  it("gives each port once, below the range of outgoing connections", async () => {
    const ports = [...(await findFreePorts(20)), ...(await findFreePorts(20))];
    expect(new Set(ports).size).toBe(40);
    expect(Math.max(...ports)).toBeLessThan(32_768);
  });
});

describe("isPortFree", () => {
  it("tells a port that is taken", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    expect(await isPortFree(port)).toBe(false);
    await new Promise((resolve) => server.close(resolve));
    expect(await isPortFree(port)).toBe(true);
  });
});
