import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDefinition } from "../testing/start-adapter.ts";
import { CredentialSource } from "./credential-source.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fairlead-credentials-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const definition = {
  ...createDefinition("acme", "openai", "https://acme.test/v1"),
  envNames: ["ACME_KEY", "ACME_TOKEN"],
};

describe("CredentialSource", () => {
  it("takes the first name that is set", () => {
    const source = new CredentialSource({ ACME_KEY: " ", ACME_TOKEN: " second\n" });
    expect(source.resolve(definition)).toEqual({ isMissing: false, value: "second" });
  });

  it("says what is missing", () => {
    const source = new CredentialSource({});
    expect(source.resolve(definition)).toEqual({
      isMissing: true,
      reason: "set ACME_KEY or ACME_TOKEN",
    });
  });

  it("asks for none where none is needed", () => {
    const source = new CredentialSource({});
    const open = { ...definition, envNames: [] };
    expect(source.resolve(open)).toEqual({ isMissing: false, value: undefined });
  });

  it("reads the operator's file, or NAME_FILE, and notices each change of it", () => {
    const credentialFile = join(folder, "key");
    const other = join(folder, "other");
    writeFileSync(other, "from-name-file");
    const source = new CredentialSource({ ACME_KEY_FILE: other });
    expect(source.resolve(definition)).toEqual({ isMissing: false, value: "from-name-file" });
    expect(source.resolve({ ...definition, credentialFile })).toMatchObject({ isMissing: true });
    source.hasChanged();
    expect(source.hasChanged()).toBe(false);
    writeFileSync(credentialFile, "sk-one\n");
    expect(source.hasChanged()).toBe(true);
    expect(source.hasChanged()).toBe(false);
    expect(source.resolve({ ...definition, credentialFile })).toMatchObject({ value: "sk-one" });
    rmSync(credentialFile);
    expect(source.hasChanged()).toBe(true);
  });

  it("survives a file that becomes unreadable", () => {
    const credentialFile = join(folder, "key");
    writeFileSync(credentialFile, "sk-one");
    const source = new CredentialSource({});
    source.resolve({ ...definition, credentialFile });
    source.hasChanged();
    rmSync(credentialFile);
    symlinkSync(credentialFile, credentialFile);
    expect(source.hasChanged()).toBe(true);
    expect(source.resolve({ ...definition, credentialFile })).toMatchObject({ isMissing: true });
  });

  it("takes no empty file and none that cannot be a key", () => {
    const credentialFile = join(folder, "key");
    const source = new CredentialSource({});
    for (const content of ["\n", "x".repeat(20_000)]) {
      writeFileSync(credentialFile, content);
      expect(source.resolve({ ...definition, credentialFile })).toMatchObject({ isMissing: true });
    }
  });
});
