import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readExpirySeconds } from "./observe-certificates.ts";

const DAY_SECONDS = 86_400;
let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fairlead-expiry-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function makeCertificate(name: string, days: number): string {
  const path = join(folder, name);
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout"];
  const what = ["-out", path, "-days", String(days), "-subj", `/CN=${name}`];
  execFileSync("openssl", ["req", "-x509", ...key, `${path}.key`, ...what], { stdio: "pipe" });
  return path;
}

it("says when the first certificate of a file expires, and 0 for one that cannot be read", () => {
  const long = makeCertificate("long", 30);
  const short = makeCertificate("short", 3);
  const nowSeconds = Date.now() / 1_000;
  expect(Math.abs(readExpirySeconds(long) - nowSeconds - 30 * DAY_SECONDS)).toBeLessThan(120);
  const chain = join(folder, "chain");
  writeFileSync(chain, readFileSync(long, "utf8") + readFileSync(short, "utf8"));
  expect(readExpirySeconds(chain)).toBe(readExpirySeconds(short));
  expect(readExpirySeconds(join(folder, "missing"))).toBe(0);
  writeFileSync(chain, "no certificate");
  expect(readExpirySeconds(chain)).toBe(0);
});
