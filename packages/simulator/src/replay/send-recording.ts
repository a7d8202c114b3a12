import type { ServerResponse } from "node:http";
import type { Dialect } from "../dialects/dialect.ts";
import { isObject } from "../dialects/json.ts";
import { Refusal } from "../dialects/refusal.ts";
import type { RequestRecord } from "../record/request-record.ts";
import type { Fixture, FixtureLibrary } from "./fixture-library.ts";
import { readRecordedUsage } from "./read-recorded-usage.ts";

const MODEL_PREFIX = "replay/";
const STATUS_OF_RECORDED_ERROR = 400;

export function isReplay(model: string): boolean {
  return model.startsWith(MODEL_PREFIX);
}

/** Answers with what a real provider once sent, framed as its dialect frames it. */
export function sendRecording(
  response: ServerResponse,
  dialect: Dialect,
  record: RequestRecord,
  fixtures: FixtureLibrary,
): void {
  const fixture = fixtures.find(record.model.slice(MODEL_PREFIX.length));
  const { texts, body, contentType } = readForm(fixture, record, dialect);
  const { prompt, completion } = readRecordedUsage(texts);
  record.status = record.isStream ? 200 : readStatus(body);
  record.promptTokens = prompt;
  record.completionTokensWritten = completion;
  response.writeHead(record.status, {
    "content-type": contentType,
    "content-length": Buffer.byteLength(body),
  });
  response.end(body);
}

interface RecordedForm {
  readonly texts: readonly string[];
  readonly body: string;
  readonly contentType: string;
}

function readForm(
  fixture: Fixture | undefined,
  { isStream, model }: RequestRecord,
  dialect: Dialect,
): RecordedForm {
  if (isStream && fixture?.events !== undefined) {
    const frames = fixture.events.map((line) => dialect.writeRecorded(line));
    return {
      texts: fixture.events,
      body: frames.join("") + dialect.recordedEnd,
      contentType: "text/event-stream",
    };
  }
  if (!isStream && fixture?.body !== undefined) {
    return { texts: [fixture.body], body: fixture.body, contentType: "application/json" };
  }
  const form = isStream ? "stream" : "whole response";
  throw new Refusal(404, `There is no recording "${model}" of a ${form}.`, { param: "model" });
}

function readStatus(body: string): number {
  const value: unknown = JSON.parse(body);
  if (!isObject(value) || !isObject(value.error)) {
    return 200;
  }
  const code = value.error.code;
  return typeof code === "number" && code >= 400 && code < 600 ? code : STATUS_OF_RECORDED_ERROR;
}
