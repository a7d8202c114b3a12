import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { describeDiskFault, openHome } from "./open-home.ts";
import { Secrets } from "./secrets.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fairlead-home-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("openHome", () => {
  it("is held by one process until it is closed", () => {
    const home = openHome(folder);
    expect(() => openHome(folder)).toThrow(/already runs in .* stop it with `kill \d+`/);
    home.close();
    openHome(folder).close();
    expect(existsSync(join(folder, "lock"))).toBe(false);
  });

  it("takes over the lock of a process that is gone, also when its number was given anew", () => {
    writeFileSync(join(folder, "lock"), "999999999 1");
    openHome(folder).close();
    writeFileSync(join(folder, "lock"), `${process.pid} 1`);
    openHome(folder).close();
  });

  it("removes the addresses of an earlier life", () => {
    writeFileSync(join(folder, "dev.json"), "{}");
    const home = openHome(folder);
    expect(existsSync(home.devFile)).toBe(false);
    home.close();
  });

  it("says what to do when the folder cannot be made", () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    expect(() => openHome(join(file, "home"))).toThrow(/cannot be written.*set FAIRLEAD_HOME/);
  });
});

describe("describeDiskFault", () => {
  it.each([
    ["ENOSPC", /is full: free some space/],
    ["EROFS", /cannot be written \(EROFS\)/],
    ["EACCES", /cannot be written \(EACCES\)/],
  ])("makes a sentence of %s", (code, message) => {
    const fault = describeDiskFault(Object.assign(new Error(), { code }), "/home");
    expect(String(fault)).toMatch(message);
  });

  it("passes anything else on", () => {
    const error = new Error("other");
    expect(describeDiskFault(error, "/home")).toBe(error);
  });
});

describe("Secrets", () => {
  it("makes a secret once, for its owner only", () => {
    const secrets = new Secrets(folder);
    const made = secrets.readOrMake("key-pepper");
    expect(made).toMatch(/^[0-9a-f]{64}$/);
    expect(new Secrets(folder).readOrMake("key-pepper")).toBe(made);
    expect(statSync(join(folder, "key-pepper")).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(folder, "key-pepper"), "utf8").trim()).toBe(made);
  });
});
