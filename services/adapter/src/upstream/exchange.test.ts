import type { Dispatcher } from "undici";
import { expect, it } from "vitest";
import { Exchange, type ExchangeListener } from "./exchange.ts";

function createListener(heard: string[], onClosed: () => void): ExchangeListener {
  return {
    sent: () => heard.push("sent"),
    head: () => heard.push("head"),
    data: () => heard.push("data"),
    closed: () => {
      heard.push("closed");
      onClosed();
    },
    broken: (error) => heard.push(`broken ${error.message}`),
  };
}

it("hears no more after the end", () => {
  const heard: string[] = [];
  const exchange = new Exchange(createListener(heard, () => undefined));
  exchange.onResponseEnd();
  exchange.onResponseError({} as Dispatcher.DispatchController, new Error("late"));
  expect(heard).toEqual(["closed"]);
});

it("is broken when its end cannot be worked through, for nobody else would say so", () => {
  const heard: string[] = [];
  const fail = () => {
    throw new RangeError("stack");
  };
  new Exchange(createListener(heard, fail)).onResponseEnd();
  expect(heard).toEqual(["closed", "broken stack"]);
});
