import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { baseConfig, loadConfig, secret } from "./config.ts";

const schema = baseConfig.extend({ KEY_PEPPER: secret() });
const good = { KEY_PEPPER: "0123456789abcdef0123456789abcdef" };

function load(environment: Record<string, string>): {
  printed: string;
  exitCode: number | undefined;
} {
  const print = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const exit = vi.spyOn(process, "exit").mockImplementation((code) => {
    throw new Error(`exit ${code}`);
  });
  let exitCode: number | undefined;
  try {
    loadConfig(schema, environment);
  } catch {
    exitCode = Number(exit.mock.lastCall?.[0]);
  }
  return { printed: String(print.mock.lastCall?.[0] ?? ""), exitCode };
}

afterEach(() => vi.restoreAllMocks());

describe("loadConfig", () => {
  it("wants all files of mutual TLS or none, and names the missing ones", () => {
    const { printed, exitCode } = load({ ...good, GRPC_TLS_CERT: "/tls/tls.crt" });
    expect(exitCode).toBe(78);
    expect(printed).toContain("GRPC_TLS_KEY: is missing; set all of");
    expect(printed).toContain("GRPC_TLS_CA: is missing; set all of");
    expect(printed).not.toContain("GRPC_TLS_CERT: is missing");
    const nats = load({ ...good, NATS_TLS_CERT: "/c", NATS_TLS_KEY: "/k" });
    expect(nats.printed).toContain("NATS_TLS_CA: is missing; NATS_TLS_CERT needs it");
    const all = { GRPC_TLS_CERT: "/c", GRPC_TLS_KEY: "/k", GRPC_TLS_CA: "/ca" };
    expect(load({ ...good, ...all, NATS_TLS_CA: "/ca" }).exitCode).toBeUndefined();
  });

  it("prints every fault at once and exits 78", () => {
    const { printed, exitCode } = load({
      GRPC_PORT: "70000",
      LOG_LEVEL: "loud",
      KEY_PEPPER: "short",
    });
    expect(exitCode).toBe(78);
    for (const name of ["GRPC_PORT", "LOG_LEVEL", "KEY_PEPPER"]) {
      expect(printed).toContain(name);
    }
  });

  it("refuses example secrets", () => {
    const { printed, exitCode } = load({ KEY_PEPPER: "changeme-changeme-changeme-changeme" });
    expect(exitCode).toBe(78);
    expect(printed).toContain("openssl rand -hex 32");
  });

  it("takes a secret from the file that NAME_FILE names, and says when it cannot", () => {
    const path = join(mkdtempSync(join(tmpdir(), "fairlead-config-")), "pepper");
    writeFileSync(path, `${good.KEY_PEPPER}\n`);
    expect(loadConfig(schema, { KEY_PEPPER_FILE: path }).KEY_PEPPER).toBe(good.KEY_PEPPER);
    expect(load({ KEY_PEPPER_FILE: "/nowhere/pepper" }).printed).toContain("KEY_PEPPER_FILE");
  });

  it("takes an empty variable for one that is not set", () => {
    expect(loadConfig(schema, { ...good, GRPC_PORT: "" }).GRPC_PORT).toBe(50_051);
  });
});
