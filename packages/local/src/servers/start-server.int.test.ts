import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { isAlive } from "../process/process-identity.ts";
import { canQuery, createDatabase } from "./postgres.ts";
import { startNats, startPostgres } from "./start-server.ts";
import { isNats } from "./nats.ts";

const GONE_WITHIN_MS = 30_000;

describe("startPostgres", () => {
  it("serves, comes back after a crash, and is gone after stop", async () => {
    const server = await startPostgres();
    const database = await createDatabase(server.url, "fairlead");
    expect(await canQuery(database)).toBe(true);
    server.kill("SIGKILL");
    await expect.poll(() => canQuery(database), { timeout: 30_000 }).toBe(true);
    await server.stop();
    expect(await canQuery(database)).toBe(false);
    expect(isAlive(server.pid)).toBe(false);
  });
});

describe("startNats", () => {
  it("serves and is gone after stop", async () => {
    const server = await startNats();
    expect(await isNats(server.url)).toBe(true);
    await server.stop();
    expect(await isNats(server.url)).toBe(false);
  });
});

describe("a parent that is killed with SIGKILL", () => {
  it("leaves no server behind", async () => {
    // What a killed process cannot remove.
    const folder = mkdtempSync(join(tmpdir(), "fairlead-killed-"));
    chmodSync(folder, 0o755);
    const parent = spawn(
      process.execPath,
      [
        "--conditions=@fairlead/source",
        fileURLToPath(new URL("__fixtures__/hold-servers.ts", import.meta.url)),
      ],
      { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, TMPDIR: folder } },
    );
    const [line] = (await once(parent.stdout, "data")) as [Buffer];
    const urls = JSON.parse(line.toString()) as { postgres: string; nats: string };
    expect(await canQuery(urls.postgres)).toBe(true);
    parent.kill("SIGKILL");
    await once(parent, "exit");
    await expect.poll(() => canQuery(urls.postgres), { timeout: GONE_WITHIN_MS }).toBe(false);
    await expect.poll(() => isNats(urls.nats), { timeout: GONE_WITHIN_MS }).toBe(false);
    rmSync(folder, { recursive: true });
  });
});
