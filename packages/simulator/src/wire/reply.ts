import type { ServerResponse } from "node:http";
import type { Dialect, Exchange } from "../dialects/dialect.ts";
import type { RequestLog } from "../record/request-log.ts";
import type { Outcome, RequestRecord } from "../record/request-record.ts";
import type { Script } from "../script/script.ts";

/** One request about to be answered. */
export interface Reply {
  readonly response: ServerResponse;
  readonly dialect: Dialect;
  readonly exchange: Exchange;
  /** Its fault is already decided: undefined when this request is spared. */
  readonly script: Script;
  readonly record: RequestRecord;
  /** Drawn delays in ms. */
  readonly ttftMs: number;
}

/** Ends the record when the response has, and says how: by itself, by fault or by the client. */
export function watchEnd(response: ServerResponse, record: RequestRecord, log: RequestLog): void {
  let isFinished = false;
  response.once("finish", () => {
    isFinished = true;
  });
  response.once("close", () => {
    record.isClientGone = !isFinished && !isBroken(record);
    log.settle(record, judge(record, isFinished), Date.now());
  });
}

/** Faults after which the simulator itself closes the connection. */
function isBroken(record: RequestRecord): boolean {
  return record.fault === "cut" || record.fault === "refuse" || record.fault === "reset";
}

/** Faults that leave the client with a whole answer, only not the way it should be. */
const harmless: ReadonlySet<string> = new Set(["no_usage", "no_end", "huge_header", "huge_line"]);

function judge(record: RequestRecord, isFinished: boolean): Outcome {
  if (record.fault !== null && !harmless.has(record.fault)) {
    return "faulted";
  }
  if (!isFinished) {
    return "cut_by_client";
  }
  return record.status >= 400 ? "refused" : "completed";
}
