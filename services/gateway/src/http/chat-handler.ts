import type { IncomingMessage, ServerResponse } from "node:http";
import { AppError } from "@fairlead/errors";
import { parseTraceparent } from "@fairlead/kit";
import type { Key } from "@fairlead/proto/ledger/v1/ledger";
import { encodeRoute } from "../domain/describe-route.ts";
import { type ChatCall, holdChat, parseChat, planChat } from "./admit-chat.ts";
import type { ChatDeps } from "./chat-deps.ts";
import { ChatExchange } from "./chat-exchange.ts";
import { checkJsonPost } from "./check-request.ts";
import { readBody } from "./read-body.ts";
import { setRequestId } from "./request-id.ts";
import { sendError } from "./send-error.ts";

/** A handler of plain node requests: it works under Express and without it. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** `POST /chat/completions`. */
export function createChatHandler(deps: ChatDeps): RequestHandler {
  return (request, response) => {
    const arrivedMs = deps.now();
    const createdMs = deps.unixNow();
    const generationId = deps.createId(createdMs);
    response.setHeader("x-generation-id", generationId);
    setRequestId(request, response, generationId);
    const fail = (error: unknown) => reject(deps, response, error);
    const receive = (key: Key) => {
      readBody(request, deps.limits.bodyBytesMax, (body) => {
        if (body instanceof AppError) {
          fail(body);
          return;
        }
        const call = { generationId, body, key, arrivedMs, createdMs, headers: request.headers };
        serve(deps, call, response).catch(fail);
      });
    };
    try {
      checkJsonPost(request, response);
      const key = deps.authenticator.authenticate(request);
      if (key instanceof Promise) {
        key.then(receive).catch(fail);
      } else {
        receive(key);
      }
    } catch (error) {
      fail(error);
    }
  };
}

async function serve(deps: ChatDeps, call: ChatCall, response: ServerResponse): Promise<void> {
  const chat = parseChat(call, deps);
  const { telemetry } = deps;
  const clientTrace = call.headers.traceparent;
  const span = telemetry.startRequest(
    chat.models[0] ?? "",
    chat.isStream,
    typeof clientTrace === "string" && parseTraceparent(clientTrace) ? clientTrace : undefined,
  );
  let members = "";
  try {
    const { plan, refusal } = await planChat(deps, chat, span, () => whenGone(response));
    if (chat.isExplained) {
      members = encodeRoute({ requested: chat.models, plan, failed: [], selected: undefined });
    }
    if (refusal !== undefined) {
      throw refusal;
    }
    // Before the hold: should it throw, there is nothing to give back.
    const exchange = new ChatExchange(deps, { chat, plan, span }, response);
    exchange.start(await holdChat(deps, chat, plan));
  } catch (error) {
    const known = AppError.from(error);
    telemetry.finish(span, {
      isStream: chat.isStream,
      event: undefined,
      end: undefined,
      attempts: 0,
      durationMs: deps.now() - call.arrivedMs,
      firstTokenMs: 0,
      providerFirstTokenMs: 0,
      errorCode: known.code,
      statusCode: known.httpStatus,
    });
    reject(deps, response, known, members);
  }
}

/** Aborted when the client's connection closes. */
function whenGone(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  if (response.destroyed) {
    controller.abort();
  } else {
    response.once("close", () => controller.abort());
  }
  return controller.signal;
}

function reject(deps: ChatDeps, response: ServerResponse, error: unknown, members = ""): void {
  const known = AppError.from(error);
  deps.telemetry.reject(known.code);
  if (known.code === "internal") {
    deps.logger.error({ error: known }, "a chat request failed inside");
  }
  sendError(response, known, members);
}
