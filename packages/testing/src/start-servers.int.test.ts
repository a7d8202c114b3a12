import { describe, expect, it } from "vitest";
import { startNats } from "./start-nats.ts";
import { startPostgres } from "./start-postgres.ts";

describe("startPostgres", () => {
  it("gives each call a database of its own on the server of the run", async () => {
    const [first, second] = await Promise.all([startPostgres(), startPostgres()]);
    expect(new URL(first.url).host).toBe(new URL(second.url).host);
    expect(first.url).not.toBe(second.url);
    await Promise.all([first.stop(), second.stop()]);
  });
});

describe("startNats", () => {
  it("gives each call a server of its own", async () => {
    const [first, second] = await Promise.all([startNats(), startNats()]);
    expect(first.url).not.toBe(second.url);
    await Promise.all([first.stop(), second.stop()]);
  });
});
