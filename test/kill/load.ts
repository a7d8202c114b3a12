import { setTimeout as delay } from "node:timers/promises";

export interface Request {
  /** From X-Generation-Id; empty when no answer came. */
  generationId: string;
  readonly isStream: boolean;
  readonly startedAtMs: number;
  endedAtMs: number;
  /** Whether the client got all of the answer. */
  isComplete: boolean;
  /** HTTP status; 0 when the connection failed. */
  status: number;
  fault: string;
}

export interface LoadOptions {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly workers: number;
  /** Of the simulator's grammar: how each answer is served. */
  readonly script?: string;
  /** Whether only streams are asked for; every second request unless given. */
  readonly isStreamOnly?: boolean;
  readonly timeoutMs?: number;
  /** Between an answer and the next request of the same client. */
  readonly pauseMs?: number;
  readonly models?: readonly string[];
}

const defaults = {
  script: "tokens=20 rate=40",
  isStreamOnly: false,
  timeoutMs: 15_000,
  pauseMs: 0,
  models: ["simulated/echo", "simulated/fast", "simulated/claude", "simulated/gemini"],
};
/** After a refused connection, as any client would wait. */
const PAUSE_AFTER_FAILURE_MS = 50;

/** Clients that ask one thing after another, streamed and not, until stopped. */
export class Load {
  readonly requests: Request[] = [];
  readonly #options: Required<LoadOptions>;
  readonly #workers: Promise<void>[];
  #isStopped = false;

  constructor(options: LoadOptions) {
    this.#options = { ...defaults, ...options };
    this.#workers = Array.from({ length: options.workers }, (_, index) => this.#work(index));
  }

  /** Ends when every request under way has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#workers);
  }

  async #work(worker: number): Promise<void> {
    const { models, isStreamOnly, pauseMs } = this.#options;
    for (let count = worker; !this.#isStopped; count += 1) {
      const model = models[count % models.length] ?? "";
      const request = await this.#send(model, isStreamOnly || count % 2 === 0);
      const pause = request.isComplete ? pauseMs : Math.max(pauseMs, PAUSE_AFTER_FAILURE_MS);
      if (pause > 0) {
        await delay(pause);
      }
    }
  }

  async #send(model: string, isStream: boolean): Promise<Request> {
    const request: Request = {
      generationId: "",
      isStream,
      startedAtMs: Date.now(),
      endedAtMs: 0,
      isComplete: false,
      status: 0,
      fault: "",
    };
    this.requests.push(request);
    try {
      const response = await fetch(`${this.#options.baseUrl}/api/v1/chat/completions`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${this.#options.apiKey}`,
          "content-type": "application/json",
        },
        body: JSON.stringify({
          model,
          stream: isStream,
          max_tokens: 100,
          messages: [{ role: "user", content: `Talk.\nsimulator: ${this.#options.script}` }],
        }),
        signal: AbortSignal.timeout(this.#options.timeoutMs),
      });
      request.status = response.status;
      request.generationId = response.headers.get("x-generation-id") ?? "";
      const text = await response.text();
      request.isComplete = response.ok && (isStream ? isWholeStream(text) : isWholeAnswer(text));
      request.fault = request.isComplete ? "" : text.slice(-300);
    } catch (error) {
      request.fault = String((error as Error).cause ?? error);
    }
    request.endedAtMs = Date.now();
    return request;
  }
}

function isWholeStream(text: string): boolean {
  return text.trimEnd().endsWith("data: [DONE]") && !text.includes('"error":{');
}

function isWholeAnswer(text: string): boolean {
  return (JSON.parse(text) as { usage?: unknown }).usage !== undefined;
}
