import { expect, it } from "vitest";
import { readConfig } from "./config.ts";

it("lets flags win over the environment, and names what is wrong", () => {
  expect(readConfig({}, [])).toMatchObject({ PORT: 9100, HOST: "127.0.0.1" });
  expect(readConfig({ PORT: "1", HOST: "::1" }, ["--port", "0"])).toMatchObject({
    PORT: 0,
    HOST: "::1",
  });
  expect(() => readConfig({ PORT: "x" }, [])).toThrow(/PORT/);
});
