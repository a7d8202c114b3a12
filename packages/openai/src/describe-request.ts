import type { ChatRequest, ContentPart, ReasoningOptions } from "./chat-request.ts";

/** What routing and the money hold need to know of a request; never its content. */
export interface RequestDescription {
  /** Parameters in the `supported_parameters` vocabulary that an endpoint has to take. */
  readonly parameters: string[];
  /** Beyond text: image, file, audio, video. */
  readonly inputModalities: string[];
  readonly outputModalities: string[];
  /**
   * An estimate, not a bound: 3 bytes of JSON a token, and a constant or a size-based share for
   * each medium. English and most code (about 4 bytes) have fewer tokens than that; Chinese, emoji
   * and random text (down to 1) have more.
   */
  readonly promptTokensEstimate: number;
  /** 0 when the client set none. */
  readonly maxTokens: number;
  /** `n`: the answer may cost this many times `maxTokens`. */
  readonly choiceCount: number;
  readonly isStream: boolean;
}

const bytesPerToken = 3;
/** A high-detail image at the vendors that count most. */
const imageTokens = 1_700;
/** A document page of text takes about 1,500 tokens and 30 kB of base64. */
const fileTokensMin = 1_500;
const fileTokensMax = 300_000;
const fileCharactersPerToken = 20;
const audioTokensMin = 100;
const audioCharactersPerToken = 300;
const videoTokens = 20_000;

/** Parameters whose presence alone means that the endpoint must know them. */
const plainParameters = [
  "temperature",
  "top_p",
  "top_k",
  "min_p",
  "top_a",
  "frequency_penalty",
  "presence_penalty",
  "repetition_penalty",
  "logit_bias",
  "top_logprobs",
  "prediction",
  "seed",
  "stop",
  "verbosity",
  "web_search_options",
] as const;

/** `bodyBytes` is the length of the body that the request was parsed from. */
export function describeRequest(request: ChatRequest, bodyBytes: number): RequestDescription {
  const media = new MediaCount();
  for (const message of request.messages) {
    if (Array.isArray(message.content)) {
      for (const part of message.content as readonly ContentPart[]) {
        media.add(part);
      }
    }
  }
  const textBytes = Math.max(0, bodyBytes - media.characters);
  return {
    parameters: listParameters(request),
    inputModalities: [...media.modalities],
    outputModalities: [...(request.modalities ?? ["text"])],
    promptTokensEstimate: Math.ceil(textBytes / bytesPerToken) + media.tokens,
    maxTokens: request.max_completion_tokens ?? request.max_tokens ?? 0,
    choiceCount: request.n ?? 1,
    isStream: request.stream === true,
  };
}

class MediaCount {
  readonly modalities = new Set<string>();
  /** Of inline data: its bytes in the body are not text. */
  characters = 0;
  tokens = 0;

  add(part: ContentPart): void {
    switch (part.type) {
      case "image_url":
        this.#count("image", part.image_url.url, imageTokens);
        break;
      case "file": {
        const data = part.file.file_data ?? "";
        const tokens = Math.ceil(data.length / fileCharactersPerToken);
        this.#count("file", data, Math.min(Math.max(tokens, fileTokensMin), fileTokensMax));
        break;
      }
      case "input_audio": {
        const { data } = part.input_audio;
        const tokens = Math.ceil(data.length / audioCharactersPerToken);
        this.#count("audio", data, Math.max(tokens, audioTokensMin));
        break;
      }
      case "video_url":
      case "input_video":
        this.#count("video", part.video_url.url, videoTokens);
        break;
      default:
    }
  }

  #count(modality: string, data: string, tokens: number): void {
    this.modalities.add(modality);
    this.characters += data.length;
    this.tokens += tokens;
  }
}

function listParameters(request: ChatRequest): string[] {
  const parameters: string[] = [];
  for (const name of plainParameters) {
    if (request[name] !== undefined) {
      parameters.push(name);
    }
  }
  if ((request.max_completion_tokens ?? request.max_tokens) !== undefined) {
    parameters.push("max_tokens");
  }
  if (request.logprobs === true) {
    parameters.push("logprobs");
  }
  if (request.tools !== undefined && request.tools.length > 0) {
    parameters.push("tools");
    // "auto" is what every endpoint does anyway.
    if (request.tool_choice !== undefined && request.tool_choice !== "auto") {
      parameters.push("tool_choice");
    }
    if (request.parallel_tool_calls === false) {
      parameters.push("parallel_tool_calls");
    }
  }
  if (request.response_format !== undefined && request.response_format.type !== "text") {
    parameters.push("response_format");
    if (request.response_format.type === "json_schema") {
      parameters.push("structured_outputs");
    }
  }
  if (asksForReasoning(request)) {
    parameters.push("reasoning");
  }
  return parameters;
}

/** Whether the request switches reasoning on; `exclude` alone or effort `none` does not. */
function asksForReasoning(request: ChatRequest): boolean {
  const reasoning: ReasoningOptions = request.reasoning ?? {};
  const effort = reasoning.effort ?? request.reasoning_effort;
  if (reasoning.enabled === false || effort === "none") {
    return false;
  }
  return (
    effort !== undefined ||
    reasoning.max_tokens !== undefined ||
    reasoning.enabled === true ||
    request.include_reasoning === true
  );
}
