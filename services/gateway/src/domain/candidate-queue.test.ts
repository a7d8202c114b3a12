import { create } from "@bufbuild/protobuf";
import { CandidateSchema } from "@fairlead/proto/router/v1/router";
import { expect, it } from "vitest";
import { CandidateQueue } from "./candidate-queue.ts";

const queueOf = (models: string) =>
  new CandidateQueue([...models].map((model) => create(CandidateSchema, { model })));

it("keeps the order while attempts for every model are left", () => {
  const queue = queueOf("AAB");
  expect(queue.next(4)?.model).toBe("A");
  queue.fail(false);
  expect(queue.next(3)?.model).toBe("A");
});

it("lets a model that failed give way, and comes back to it when attempts are left", () => {
  const queue = queueOf("AAB");
  expect(queue.next(2)?.model).toBe("A");
  queue.fail(false);
  expect(queue.next(1)?.model).toBe("B");
  queue.fail(false);
  expect(queue.next(1)?.model).toBe("A");
  expect(queue.next(1)).toBeUndefined();
});

it("takes the candidate of a lost worker again, however many models wait", () => {
  const queue = queueOf("ABCD");
  expect(queue.next(4)?.model).toBe("A");
  queue.fail(true);
  expect(queue.next(3)?.model).toBe("A");
});

it("lets a candidate that loses worker after worker give way to the other models", () => {
  const queue = queueOf("AB");
  for (const attemptsLeft of [4, 3, 2]) {
    expect(queue.next(attemptsLeft)?.model).toBe("A");
    queue.fail(true);
  }
  expect(queue.next(1)?.model).toBe("B");
});
