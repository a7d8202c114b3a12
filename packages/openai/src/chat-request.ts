/**
 * The canonical chat request: what `POST /chat/completions` takes, a superset of OpenAI's body that
 * is rich enough to carry every provider's dialect without loss. `parseChatRequest` is the only
 * producer; fields it does not know pass through untouched.
 */
export interface ChatRequest {
  readonly messages: readonly ChatMessage[];
  readonly model?: string;
  /** Fallback models, in order of preference. */
  readonly models?: readonly string[];
  readonly stream?: boolean;
  readonly stream_options?: Readonly<Record<string, unknown>>;
  readonly max_tokens?: number;
  readonly max_completion_tokens?: number;
  readonly temperature?: number;
  readonly top_p?: number;
  readonly top_k?: number;
  readonly min_p?: number;
  readonly top_a?: number;
  readonly frequency_penalty?: number;
  readonly presence_penalty?: number;
  readonly repetition_penalty?: number;
  readonly seed?: number;
  readonly n?: number;
  readonly stop?: string | readonly string[];
  readonly logit_bias?: Readonly<Record<string, number>>;
  readonly logprobs?: boolean;
  readonly top_logprobs?: number;
  readonly tools?: readonly Tool[];
  readonly tool_choice?: ToolChoice;
  readonly parallel_tool_calls?: boolean;
  readonly response_format?: ResponseFormat;
  readonly modalities?: readonly string[];
  readonly audio?: Readonly<Record<string, unknown>>;
  readonly prediction?: Readonly<Record<string, unknown>>;
  readonly reasoning?: ReasoningOptions;
  readonly reasoning_effort?: ReasoningEffort;
  readonly include_reasoning?: boolean;
  readonly verbosity?: string;
  readonly provider?: ProviderPreferences;
  readonly user?: string;
  readonly session_id?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly service_tier?: string;
  readonly prompt_cache_key?: string;
  readonly cache_control?: CacheControl;
  readonly plugins?: readonly Readonly<Record<string, unknown>>[];
  readonly [parameter: string]: unknown;
}

export type ChatMessage = SystemMessage | UserMessage | AssistantMessage | ToolMessage;

export interface SystemMessage {
  readonly role: "system" | "developer";
  readonly content: string | readonly ContentPart[];
  readonly name?: string;
}

export interface UserMessage {
  readonly role: "user";
  readonly content: string | readonly ContentPart[];
  readonly name?: string;
}

export interface AssistantMessage {
  readonly role: "assistant";
  readonly content?: string | readonly ContentPart[] | null;
  readonly name?: string;
  readonly refusal?: string | null;
  readonly tool_calls?: readonly ToolCall[];
  readonly reasoning?: string | null;
  /** Alias of `reasoning` that several vendors and clients use. */
  readonly reasoning_content?: string | null;
  readonly reasoning_details?: readonly ReasoningDetail[];
  readonly annotations?: readonly Annotation[];
  readonly images?: readonly ImagePart[];
  readonly audio?: Readonly<Record<string, unknown>> | null;
}

export interface ToolMessage {
  readonly role: "tool";
  readonly tool_call_id: string;
  readonly content: string | readonly ContentPart[];
  readonly name?: string;
}

export interface CacheControl {
  readonly type: "ephemeral";
  readonly ttl?: "5m" | "1h";
}

interface Cacheable {
  readonly cache_control?: CacheControl;
}

export interface TextPart extends Cacheable {
  readonly type: "text";
  readonly text: string;
}

export interface ImagePart extends Cacheable {
  readonly type: "image_url";
  /** `url` is http(s) or a `data:` URL. */
  readonly image_url: { readonly url: string; readonly detail?: string };
}

export interface FilePart extends Cacheable {
  readonly type: "file";
  readonly file: {
    readonly filename?: string;
    /** A URL or a `data:` URL. */
    readonly file_data?: string;
    readonly file_id?: string;
  };
}

export interface AudioPart extends Cacheable {
  readonly type: "input_audio";
  /** `data` is bare base64. */
  readonly input_audio: { readonly data: string; readonly format: string };
}

export interface VideoPart extends Cacheable {
  readonly type: "video_url" | "input_video";
  readonly video_url: { readonly url: string };
}

/** A refusal as OpenAI lets an assistant message carry it. */
export interface RefusalPart {
  readonly type: "refusal";
  readonly refusal: string;
}

export type ContentPart = TextPart | ImagePart | FilePart | AudioPart | VideoPart | RefusalPart;

export interface ToolCall {
  readonly id: string;
  readonly type: "function";
  readonly function: {
    readonly name: string;
    /** JSON text, as the model wrote it: it need not be valid. */
    readonly arguments: string;
  };
}

export interface FunctionTool extends Cacheable {
  readonly type: "function";
  readonly function: {
    readonly name: string;
    readonly description?: string;
    /** JSON Schema. */
    readonly parameters?: Readonly<Record<string, unknown>>;
    readonly strict?: boolean | null;
  };
}

/** A tool that runs on a server (`openrouter:web_search`, `web_search`, …); passed on as it is. */
export interface ServerTool {
  readonly type: string;
  readonly [field: string]: unknown;
}

export type Tool = FunctionTool | ServerTool;

export type ToolChoice =
  | "none"
  | "auto"
  | "required"
  | { readonly type: "function"; readonly function: { readonly name: string } };

export type ResponseFormat =
  | { readonly type: "text" }
  | { readonly type: "json_object" }
  | {
      readonly type: "json_schema";
      readonly json_schema: {
        readonly name?: string;
        readonly description?: string;
        readonly strict?: boolean | null;
        readonly schema?: Readonly<Record<string, unknown>>;
      };
    }
  | { readonly type: "grammar"; readonly grammar: string }
  | { readonly type: "python" };

export type ReasoningEffort = "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max";

/** `effort` and `max_tokens` exclude each other; `enabled: true` alone means medium effort. */
export interface ReasoningOptions {
  readonly effort?: ReasoningEffort;
  readonly max_tokens?: number;
  readonly exclude?: boolean;
  readonly enabled?: boolean;
  readonly summary?: string;
  readonly [option: string]: unknown;
}

/**
 * One piece of reasoning. `format` names the dialect that it came from: only that dialect can take
 * it back. Must return unchanged and in order on the next turn, since signatures cover it.
 */
export interface ReasoningDetail {
  readonly type:
    | "reasoning.text"
    | "reasoning.summary"
    | "reasoning.encrypted"
    | "reasoning.server_tool_call";
  readonly text?: string | null;
  readonly signature?: string | null;
  readonly summary?: string;
  readonly data?: string;
  readonly id?: string | null;
  readonly format?: string | null;
  readonly index?: number;
  readonly [field: string]: unknown;
}

export interface Annotation {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** What the client wants of the routing; see the API reference for each field's meaning. */
export interface ProviderPreferences {
  readonly order?: readonly string[];
  readonly only?: readonly string[];
  readonly ignore?: readonly string[];
  readonly allow_fallbacks?: boolean;
  readonly require_parameters?: boolean;
  readonly data_collection?: "allow" | "deny";
  readonly zdr?: boolean;
  readonly enforce_distillable_text?: boolean;
  readonly quantizations?: readonly string[];
  readonly sort?:
    | ProviderSort
    | { readonly by?: ProviderSort; readonly partition?: "model" | "none" };
  /** USD per million tokens (prompt, completion) or per request: numbers or decimal text. */
  readonly max_price?: Readonly<Partial<Record<MaxPriceKey, number | string>>>;
  /** Tokens per second; a bare number is the median. */
  readonly preferred_min_throughput?: number | PercentileCutoffs;
  /** Seconds; a bare number is the median. */
  readonly preferred_max_latency?: number | PercentileCutoffs;
  readonly [preference: string]: unknown;
}

export type ProviderSort = "price" | "throughput" | "latency" | "exacto";
export type MaxPriceKey = "prompt" | "completion" | "request";

export interface PercentileCutoffs {
  readonly p50?: number;
  readonly p75?: number;
  readonly p90?: number;
  readonly p99?: number;
}
