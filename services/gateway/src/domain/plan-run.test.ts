import { create } from "@bufbuild/protobuf";
import type { AppError } from "@fairlead/errors";
import { EndSchema, ProviderFaultSchema, StartSchema } from "@fairlead/proto/adapter/v1/adapter";
import { type Candidate, CandidateSchema } from "@fairlead/proto/router/v1/router";
import { describe, expect, it } from "vitest";
import { type AttemptFailure, fromFault } from "./attempt-failure.ts";
import { type AttemptSink, PlanRun, type PlanRunListener } from "./plan-run.ts";

type Script =
  | { kind: "answer" }
  | { kind: "none" }
  | { kind: "fault"; failure: AttemptFailure; isSync?: boolean }
  | { kind: "broken"; failure: AttemptFailure };

function candidate(name: string, model = "acme/one"): Candidate {
  return create(CandidateSchema, { endpointId: name, provider: name, providerName: name, model });
}

function fault(code: string, httpStatus: number, more: Partial<AttemptFailure> = {}) {
  const isRetryable = more.isRetryable ?? true;
  return {
    ...fromFault(create(ProviderFaultSchema, { code, httpStatus, isRetryable, message: code })),
    ...more,
  };
}

/**
 * Plays one script for each candidate, in order; returns what the listener heard. A candidate that
 * is opened again plays its next script, from `again`.
 */
function play(scripts: Script[], deadlineMs = 1_000, again: Script[] = [], models: string[] = []) {
  const heard: string[] = [];
  const errors: AppError[] = [];
  const opened: number[] = [];
  const tries: string[] = [];
  const pending: (() => void)[] = [];
  const waits: { providers: string[]; timeoutMs: number }[] = [];
  const tried = new Set<number>();
  let nowMs = 0;
  const listener: PlanRunListener = {
    started: (it) => heard.push(`started ${it.provider}`),
    output: (bytes) => heard.push(`output ${bytes.length}`),
    ended: (it) => heard.push(`ended ${it.provider}`),
    broken: (it, failure) => heard.push(`broken ${it.provider} ${failure.code}`),
    failed: (error) => {
      heard.push(`failed ${error.code}`);
      errors.push(error);
    },
  };
  const run = new PlanRun({
    candidates: scripts.map((_script, index) => candidate(`p${index}`, models[index])),
    listener,
    now: () => nowMs,
    deadlineMs,
    awaitWorker: (candidates, timeoutMs, done) => {
      waits.push({ providers: candidates.map(({ provider }) => provider), timeoutMs });
      pending.push(() => done(again.length > 0));
    },
    open: (it, options, sink) => {
      const index = Number(it.provider.slice(1));
      const script = tried.has(index) ? again.shift() : scripts[index];
      tried.add(index);
      if (script === undefined || script.kind === "none") {
        return undefined;
      }
      opened.push(options.number);
      tries.push(it.provider);
      const act = () => perform(script, sink);
      if (script.kind === "fault" && script.isSync) {
        act();
      } else {
        pending.push(act);
      }
      const ignore = () => undefined;
      return { abort: ignore, cancel: ignore, pause: ignore, resume: ignore };
    },
  });
  run.start();
  while (pending.length > 0) {
    nowMs += 100;
    pending.shift()?.();
  }
  return { heard, errors, opened, run, tries, waits };
}

function perform(script: Script, sink: AttemptSink): void {
  if (script.kind === "fault") {
    sink.fail(script.failure);
    sink.start(create(StartSchema));
    sink.fail(script.failure);
    return;
  }
  sink.start(create(StartSchema));
  sink.output(new Uint8Array(3));
  if (script.kind === "broken") {
    sink.fail(script.failure);
  } else {
    sink.end(create(EndSchema));
  }
  sink.output(new Uint8Array(9));
}

const retryable: [string, number][] = [
  ["provider_unavailable", 500],
  ["provider_unavailable", 0],
  ["provider_overloaded", 503],
  ["provider_timeout", 504],
  ["rate_limit_exceeded", 429],
  ["authentication", 401],
  ["payment_required", 402],
  ["not_found", 404],
];

describe("PlanRun", () => {
  it("passes the first answer through and hears nothing after its end", () => {
    const { heard } = play([{ kind: "answer" }, { kind: "answer" }]);
    expect(heard).toEqual(["started p0", "output 3", "ended p0"]);
  });

  it.each(retryable)("moves on after %s (%i) and answers from the next", (code, status) => {
    const failure = fault(code, status);
    const { heard, run } = play([{ kind: "fault", failure }, { kind: "answer" }]);
    expect(heard).toEqual(["started p1", "output 3", "ended p1"]);
    expect(run.failedAttempts).toMatchObject([{ provider: "p0", latencyMs: 100 }]);
  });

  it.each(["invalid_request", "context_length_exceeded", "content_policy_violation"])(
    "stops at %s and shows the provider's words",
    (code) => {
      const failure = fault(code, 400, {
        isRetryable: false,
        message: "too long",
        param: "messages",
      });
      const { heard, errors } = play([{ kind: "fault", failure }, { kind: "answer" }]);
      expect(heard).toEqual([`failed ${code}`]);
      expect(errors[0]).toMatchObject({ message: "too long", param: "messages", httpStatus: 400 });
    },
  );

  it.each(["authentication", "payment_required", "permission_denied", "not_found"])(
    "never shows a provider's %s as the client's own",
    (code) => {
      const failure = fault(code, 401, { message: "bad key sk-provider-secret" });
      const { errors } = play([{ kind: "fault", failure }]);
      expect(errors[0]).toMatchObject({ code: "provider_unavailable", httpStatus: 502 });
      expect(errors[0]?.message).not.toContain("secret");
    },
  );

  it("answers 429 with the soonest retry when all are limited, 503 when only some are", () => {
    const slow = fault("rate_limit_exceeded", 429, { retryAfterMs: 9_000 });
    const soon = fault("rate_limit_exceeded", 429, { retryAfterMs: 2_000 });
    const all = play([
      { kind: "fault", failure: slow },
      { kind: "fault", failure: soon },
    ]);
    expect(all.errors[0]).toMatchObject({ httpStatus: 429, retryAfterMs: 2_000 });
    const some = play([
      { kind: "fault", failure: fault("provider_unavailable", 500) },
      { kind: "fault", failure: soon },
    ]);
    expect(some.errors[0]).toMatchObject({ httpStatus: 503 });
  });

  it("tries nothing after content", () => {
    const failure = fault("unavailable", 0);
    const { heard } = play([{ kind: "broken", failure }, { kind: "answer" }]);
    expect(heard).toEqual(["started p0", "output 3", "broken p0 unavailable"]);
  });

  it("makes four attempts at most, numbered, and lists them", () => {
    const failure = fault("provider_unavailable", 500);
    const script: Script = { kind: "fault", failure };
    const { opened, errors } = play([script, script, script, script, script, script]);
    expect(opened).toEqual([1, 2, 3, 4]);
    expect(errors[0]?.metadata?.previous_errors).toHaveLength(4);
  });

  it.each<[string, string, string]>([
    ["AAAAAAAB", "p0 p1 p2 p7", "one attempt for the model that is there for the first"],
    ["AAAAAABC", "p0 p1 p6 p7", "one for each of two"],
    ["AABCDEFG", "p0 p2 p3 p4", "as many as fit"],
    ["AABB", "p0 p1 p2 p3", "nobody gives way when all fit"],
    ["ABABAB", "p0 p1 p2 p3", "models sorted together"],
  ])("of the models %s tries %s: %s", (models, expected) => {
    const failure = fault("provider_unavailable", 500);
    const scripts = [...models].map((): Script => ({ kind: "fault", failure }));
    const { tries } = play(scripts, 10_000, [], [...models]);
    expect(tries.join(" ")).toBe(expected);
  });

  it("comes back to what gave way when the later model has no worker", () => {
    const failure = fault("provider_unavailable", 500);
    const script: Script = { kind: "fault", failure };
    const scripts: Script[] = [script, script, script, { kind: "answer" }, { kind: "none" }];
    const { heard, opened } = play(scripts, 10_000, [], [..."AAAAB"]);
    expect(opened).toEqual([1, 2, 3, 4]);
    expect(heard).toContain("ended p3");
  });

  it("does not count candidates without a worker", () => {
    const failure = fault("provider_unavailable", 500);
    const none: Script = { kind: "none" };
    const { opened, heard } = play([
      none,
      none,
      none,
      none,
      { kind: "fault", failure },
      { kind: "answer" },
    ]);
    expect(opened).toEqual([1, 2]);
    expect(heard).toContain("ended p5");
    expect(play([none]).errors[0]).toMatchObject({ httpStatus: 503 });
  });

  it("tries the same candidate on another worker when one is lost before content", () => {
    const failure = fault("unavailable", 0, { isWorkerLost: true });
    const { heard, opened } = play([{ kind: "fault", failure }, { kind: "answer" }], 1_000, [
      { kind: "answer" },
    ]);
    expect(heard).toEqual(["started p0", "output 3", "ended p0"]);
    expect(opened).toEqual([1, 2]);
  });

  it("waits a moment for a worker when nobody serves any candidate", () => {
    const none: Script = { kind: "none" };
    const { heard, waits } = play([none, none], 60_000, [none, { kind: "answer" }]);
    expect(waits).toEqual([{ providers: ["p0", "p1"], timeoutMs: 5_000 }]);
    expect(heard).toEqual(["started p1", "output 3", "ended p1"]);
  });

  it("gives up when no worker comes, within the deadline of the request", () => {
    const { heard, errors, waits } = play([{ kind: "none" }], 700);
    expect(waits).toEqual([{ providers: ["p0"], timeoutMs: 700 }]);
    expect(heard).toEqual(["failed unavailable"]);
    expect(errors[0]).toMatchObject({ httpStatus: 503 });
  });

  it("fails, and is over, when an attempt cannot even be opened", () => {
    const heard: string[] = [];
    const run = new PlanRun({
      candidates: [candidate("p0"), candidate("p1")],
      now: () => 0,
      deadlineMs: 1_000,
      awaitWorker: (_candidates, _timeoutMs, done) => done(false),
      open: () => {
        throw new Error("a bug");
      },
      listener: {
        started: () => heard.push("started"),
        output: () => heard.push("output"),
        ended: () => heard.push("ended"),
        broken: () => heard.push("broken"),
        failed: (error) => heard.push(`failed ${error.code}`),
      },
    });
    run.start();
    expect(heard).toEqual(["failed internal"]);
  });

  it("survives a failure in the tick of its opening", () => {
    const failure = fault("unavailable", 0);
    const { heard, opened } = play([
      { kind: "fault", failure, isSync: true },
      { kind: "fault", failure, isSync: true },
      { kind: "answer" },
    ]);
    expect(heard).toEqual(["started p2", "output 3", "ended p2"]);
    expect(opened).toEqual([1, 2, 3]);
  });

  it("stops at the deadline", () => {
    const failure = fault("provider_unavailable", 500);
    const script: Script = { kind: "fault", failure };
    const { opened, heard } = play([script, script, script], 150);
    expect(opened).toEqual([1, 2]);
    expect(heard).toEqual(["failed provider_unavailable"]);
  });

  it("says that the time is over when it was before any attempt", () => {
    const { opened, heard, errors } = play([{ kind: "answer" }], 0);
    expect(opened).toEqual([]);
    expect(heard).toEqual(["failed timeout"]);
    expect(errors[0]).toMatchObject({ httpStatus: 408 });
  });

  it("reports nothing after a cancellation", () => {
    const { run } = play([]);
    run.cancel();
    expect(run.candidate).toBeUndefined();
  });
});
