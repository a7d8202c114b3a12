import { hashApiKey, hmacApiKey, mintApiKey, parseApiKey } from "@fairlead/kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createKeyConfig } from "./config.ts";
import { provideKey } from "./provide-key.ts";
import { logger, pepper, startTestLedger, type TestLedger } from "./testing/test-ledger.ts";

let ledger: TestLedger;

beforeAll(async () => {
  ledger = await startTestLedger();
});

afterAll(async () => {
  await ledger.close();
});

function provide(settings: Record<string, string>) {
  const config = createKeyConfig.parse({
    DATABASE_URL: "postgres://localhost/not-used",
    KEY_PEPPER: pepper,
    ...settings,
  });
  return provideKey({ config, stores: ledger.stores, logger, now: () => ledger.clock.nowMs });
}

describe("provideKey", () => {
  it("makes account, credit and the given key once, though several jobs run at once", async () => {
    const KEY = mintApiKey("inference");
    const settings = { ACCOUNT_NAME: "cluster", KEY, STARTING_CREDIT_USD: "12.5" };
    const runs = await Promise.all(Array.from({ length: 4 }, () => provide(settings)));
    expect(runs).toEqual([undefined, undefined, undefined, undefined]);
    const key = await ledger.stores.keys.findByHmac(hmacApiKey(pepper, KEY));
    expect(key).toMatchObject({ keyId: hashApiKey(KEY), name: "first key", isManagement: false });
    const credits = await ledger.stores.accounts.readCredits(key?.accountId ?? "");
    expect(credits?.totalCreditsNano).toBe(12_500_000_000n);
    // A changed value of the chart takes nothing back and adds nothing.
    await provide({ ...settings, STARTING_CREDIT_USD: "99" });
    expect(await ledger.stores.accounts.readCredits(key?.accountId ?? "")).toEqual(credits);
    expect(await ledger.stores.checkBooks()).toMatchObject({ wrongBalances: 0 });
  });

  it("adds the key of a changed Secret to the same account, and leaves the old one", async () => {
    const [first, second] = [mintApiKey("inference"), mintApiKey("inference")];
    await provide({ ACCOUNT_NAME: "rotated", KEY: first });
    await provide({ ACCOUNT_NAME: "rotated", KEY: second });
    const find = (text: string) => ledger.stores.keys.findByHmac(hmacApiKey(pepper, text));
    const [old, now] = await Promise.all([find(first), find(second)]);
    expect(old?.accountId).toBeDefined();
    expect(now?.accountId).toBe(old?.accountId);
  });

  it("mints a key once for a name, and returns its text only then", async () => {
    const settings = { ACCOUNT_NAME: "minted", KEY_KIND: "management" };
    const runs = await Promise.all(Array.from({ length: 4 }, () => provide(settings)));
    const texts = runs.filter((text) => text !== undefined);
    expect(texts).toHaveLength(1);
    expect(parseApiKey(texts[0] ?? "")).toBe("management");
    expect(await provide(settings)).toBeUndefined();
    expect(await provide({ ...settings, KEY_NAME: "second" })).toBeDefined();
  });

  it("refuses a key that would open nothing here", async () => {
    const KEY = mintApiKey("inference");
    await provide({ ACCOUNT_NAME: "one", KEY });
    const code = "conflict";
    await expect(provide({ ACCOUNT_NAME: "two", KEY })).rejects.toMatchObject({ code });
    const other = { ACCOUNT_NAME: "one", KEY, KEY_PEPPER: `${pepper}x` };
    await expect(provide(other)).rejects.toThrow(/another KEY_PEPPER/);
    await expect(provide({ KEY, KEY_KIND: "management" })).rejects.toThrow(/KEY_KIND/);
  });
});

describe("createKeyConfig", () => {
  it.each([
    { field: "KEY", value: "sk-fl-v1-abc", says: /CRC-32/ },
    { field: "STARTING_CREDIT_USD", value: "ten", says: /amount in USD/ },
    { field: "STARTING_CREDIT_USD", value: "-1", says: /amount in USD/ },
  ])("refuses $field=$value and says what it must be", ({ field, value, says }) => {
    const settings = {
      DATABASE_URL: "postgres://localhost/db",
      KEY_PEPPER: pepper,
      [field]: value,
    };
    const { error } = createKeyConfig.safeParse(settings);
    expect(error?.issues).toEqual([
      expect.objectContaining({ path: [field], message: expect.stringMatching(says) }),
    ]);
  });
});
