import { describe, expect, it } from "vitest";
import { findHome, readConfig, repository } from "./config.ts";

describe("readConfig", () => {
  it("takes an empty variable for one that is not set", () => {
    expect(readConfig({ FAIRLEAD_HOME: "", FAIRLEAD_PORT: "", DATABASE_URL: "" })).toMatchObject({
      home: `${repository}.fairlead`,
      port: 8_080,
      databaseUrl: undefined,
    });
  });

  it.each([
    ["FAIRLEAD_PORT", "80800", /FAIRLEAD_PORT must be a port number/],
    ["FAIRLEAD_PORT", "http", /FAIRLEAD_PORT must be a port number/],
    ["DATABASE_URL", "mysql://x", /DATABASE_URL must be an address such as postgres:/],
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "collector", /must be an address such as http:/],
  ])("says how %s must look, and not %s", (name, value, message) => {
    expect(() => readConfig({ [name]: value })).toThrow(message);
  });
});

describe("findHome", () => {
  it("reads a relative path from the root of the clone", () => {
    expect(findHome({ FAIRLEAD_HOME: "other" })).toBe(`${repository}other`);
    expect(findHome({ FAIRLEAD_HOME: "/elsewhere" })).toBe("/elsewhere");
  });
});
