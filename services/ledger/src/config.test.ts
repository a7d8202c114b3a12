import { describe, expect, it } from "vitest";
import { ledgerConfig } from "./config.ts";

const pepper = "0123456789abcdef0123456789abcdef";

function findFaults(settings: Record<string, string>): string[] {
  const parsed = ledgerConfig.safeParse({ KEY_PEPPER: pepper, ...settings });
  return parsed.error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`) ?? [];
}

describe("ledgerConfig", () => {
  it.each([
    "postgres",
    "changeme",
    "change-me-please",
    "PASSWORD",
    "example",
    "fairlead",
    "",
    "1234",
  ])("refuses the password %j of another machine, and does not repeat it", (password) => {
    const [fault, ...others] = findFaults({ DATABASE_URL: `postgres://app:${password}@db/app` });
    expect(others).toEqual([]);
    expect(fault).toMatch(/^DATABASE_URL: its password is empty or an example value/);
    expect(fault).toContain("openssl rand");
    expect(fault).not.toContain("app");
  });

  it.each([
    "postgres://postgres:postgres@localhost:5432/postgres",
    "postgres://postgres@127.0.0.1/app",
    "postgres://postgres:changeme@[::1]/app",
    "postgres:///app?host=/var/run/postgresql",
    "postgres://app:4f9a0c5be1d27788a3@db.example.internal/app",
  ])("takes %s", (url) => {
    expect(findFaults({ DATABASE_URL: url })).toEqual([]);
  });

  it.each(["", "short", "changeme".repeat(4), `prefix-example-${pepper}`, "ab".repeat(20)])(
    "refuses the pepper %j",
    (value) => {
      const faults = findFaults({ DATABASE_URL: "postgres://localhost/app", KEY_PEPPER: value });
      expect(faults[0]).toMatch(/^KEY_PEPPER: .*openssl rand -hex 32/);
    },
  );
});
