import { describe, expect, it } from "vitest";
import { readOptions, services } from "./options.ts";

describe("readOptions", () => {
  it("builds all with docker unless told otherwise", () => {
    expect(readOptions([])).toMatchObject({
      services: [...services],
      tag: "dev",
      prefix: "",
      builder: ["docker", "build"],
      engine: ["docker"],
      push: false,
    });
  });

  it("takes some services, a registry and another builder", () => {
    const args = ["--only", "ledger,prober", "--registry", "registry.example:5000/team/"];
    expect(readOptions([...args, "--builder", "podman build"])).toMatchObject({
      services: ["ledger", "prober"],
      prefix: "registry.example:5000/team/",
      builder: ["podman", "build"],
    });
  });

  it.each([
    [["--only", "ledgr"], '--only "ledgr": no such service'],
    [["--tag", "a b"], '--tag "a b"'],
    [["--registry", "https://registry.example"], "no scheme"],
    [["--push"], "--push: say where to with --registry"],
    [["--builder", " "], "--builder is empty"],
    [["--tags", "x"], "--tags"],
  ])("refuses %j by its name", (args, message) => {
    expect(() => readOptions(args)).toThrow(message);
  });
});
