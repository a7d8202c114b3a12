import type { MessageInitShape } from "@bufbuild/protobuf";
import { decode } from "@fairlead/proto/wire";
import type { AppError } from "@fairlead/errors";
import {
  AdapterService,
  type End,
  type GenerateRequestSchema,
  type ProviderFault,
  ProviderFaultSchema,
  type Start,
} from "@fairlead/proto/adapter/v1/adapter";
import type { ClientCall, Link } from "@fairlead/rpc";
import { createTemplate } from "./start-adapter.ts";

/** One Generate call as a gateway sees it. */
export interface GenerateRun {
  readonly id: string;
  readonly call: ClientCall;
  readonly start: Start | undefined;
  /** Everything written for the client, in the pieces that it came in. */
  readonly outputs: readonly Buffer[];
  readonly text: string;
  readonly end: End | undefined;
  readonly error: AppError | undefined;
  readonly fault: ProviderFault | undefined;
  readonly ended: Promise<GenerateRun>;
  readonly started: Promise<void>;
}

export interface GenerateOptions {
  readonly provider?: string;
  readonly isStream?: boolean;
  readonly prompt?: string;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly request?: MessageInitShape<typeof GenerateRequestSchema>;
}

let count = 0;

/** Calls the simulated model that `script` describes. */
export function callGenerate(
  link: Link,
  script: string,
  options: GenerateOptions = {},
): GenerateRun {
  count += 1;
  const id = `gen-1700000000-test${count}`;
  const isStream = options.isStream ?? true;
  const ended = Promise.withResolvers<GenerateRun>();
  const started = Promise.withResolvers<void>();
  const outputs: Buffer[] = [];
  const run = {
    id,
    start: undefined as Start | undefined,
    outputs,
    end: undefined as End | undefined,
    error: undefined as AppError | undefined,
    fault: undefined as ProviderFault | undefined,
    ended: ended.promise,
    started: started.promise,
    get text() {
      return Buffer.concat(outputs).toString("utf8");
    },
  };
  const body = JSON.stringify({
    model: "acme/sim",
    messages: [{ role: "user", content: options.prompt ?? "Hello there!" }],
    stream: isStream,
    ...options.body,
  });
  const call = link.open(
    AdapterService.method.generate,
    {
      generationId: id,
      attempt: 1,
      stream: isStream,
      endpointId: "0123456789abcdef",
      provider: options.provider ?? "simulated-openai",
      providerName: "Simulated",
      model: "acme/sim",
      upstreamModel: toModel(script),
      body: Buffer.from(body),
      created: 1_700_000_000n,
      usageTemplate: createTemplate(id),
      ...options.request,
    },
    { timeoutMs: 30_000 },
    {
      message({ event }) {
        if (event.case === "start") {
          run.start = event.value;
          started.resolve();
        } else if (event.case === "end") {
          run.end = event.value;
        }
      },
      bytes: (value) => void outputs.push(Buffer.from(value)),
      end(error, detail) {
        run.error = error;
        run.fault = detail === undefined ? undefined : decode(ProviderFaultSchema, detail);
        ended.resolve(Object.assign(run, { call }));
      },
    },
  );
  return Object.assign(run, { call });
}

/** `tokens=3 rate=10` becomes a model's name; a name is one already. */
function toModel(script: string): string {
  if (script.startsWith("replay/")) {
    return script;
  }
  return script === "" ? "sim" : `sim;${script.replaceAll(" ", ";")}`;
}

/** The parsed chunks of a stream's output; throws on anything that is not whole. */
export function parseChunks(text: string): { choices: { delta: { content?: string } }[] }[] {
  if (text === "") {
    return [];
  }
  if (!text.endsWith("\n\n")) {
    throw new Error("the output ends within an event");
  }
  return text
    .slice(0, -2)
    .split("\n\n")
    .map((event) => {
      if (!event.startsWith("data: ")) {
        throw new Error(`no event: ${event}`);
      }
      return JSON.parse(event.slice(6));
    });
}

/** The text that a client would have put together. */
export function joinContent(text: string): string {
  return parseChunks(text)
    .map(({ choices }) => choices[0]?.delta.content ?? "")
    .join("");
}
