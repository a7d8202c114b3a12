import { expect, it } from "vitest";
import { WarningFilter } from "./warning-filter.ts";

it("tells what is severe at once, warnings once all is there, and each only once", () => {
  const told: string[] = [];
  const filter = new WarningFilter((text) => told.push(text));
  const log = (level: string, message: string) =>
    filter.read("router", `{"level":"${level}","time":"t","service":"router","msg":"${message}"}`);
  log("warn", "bus lost");
  log("error", "catalog refused");
  filter.setCalm();
  log("warn", "bus lost");
  log("warn", "bus lost");
  log("info", "started");
  filter.read("router", "no JSON");
  expect(told).toEqual(["router error: catalog refused", "router warn: bus lost"]);
});
