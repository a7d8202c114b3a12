import { AppError } from "@fairlead/errors";
import { type Key, KeySchema, type LedgerService } from "@fairlead/proto/ledger/v1/ledger";
import { create } from "@bufbuild/protobuf";
import type { RpcClient } from "@fairlead/rpc";
import { describe, expect, it } from "vitest";
import { KeyReader } from "./key-reader.ts";

const PATIENT_MAX = 100;
const key = create(KeySchema, { keyId: "id" });
const hmac = new Uint8Array(32);
const away = new AppError("unavailable", "away");

function setUp() {
  const answers: ((asked: number) => Promise<{ key: Key }>)[] = [];
  let asked = 0;
  const ledger = {
    lookUpKey: () => {
      asked += 1;
      return (answers.at(-1) as (typeof answers)[number])(asked);
    },
  };
  const reader = new KeyReader(ledger as unknown as RpcClient<typeof LedgerService>);
  return {
    reader,
    asked: () => asked,
    answer: (next: (typeof answers)[number]) => void answers.push(next),
  };
}

describe("KeyReader", () => {
  it("asks again for a patient request, and once for one that is not", async () => {
    const { reader, asked, answer } = setUp();
    answer(async (count) => {
      if (count === 1) {
        throw away;
      }
      return { key };
    });
    expect(await reader.lookUp(hmac, true)).toBe(key);
    expect(asked()).toBe(2);
    answer(() => Promise.reject(away));
    await expect(reader.lookUp(hmac, false)).rejects.toMatchObject({ code: "unavailable" });
    expect(asked()).toBe(3);
  });

  it("lets only so many wait for a ledger that is away; the others hear at once when to come back", async () => {
    const { reader, asked, answer } = setUp();
    const held = Promise.withResolvers<{ key: Key }>();
    answer(() => held.promise);
    const waiting = Array.from({ length: PATIENT_MAX }, () => reader.lookUp(hmac, true));
    expect(reader.waiting).toBe(PATIENT_MAX);
    answer(() => Promise.reject(away));
    await expect(reader.lookUp(hmac, true)).rejects.toMatchObject({
      code: "unavailable",
      retryAfterMs: 1_000,
    });
    expect(asked()).toBe(PATIENT_MAX + 1);
    expect(reader.hurried).toBe(1);
    held.resolve({ key });
    await Promise.all(waiting);
    expect(reader.waiting).toBe(0);
  });
});
