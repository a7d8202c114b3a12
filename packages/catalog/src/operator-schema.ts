import { picoFromUsd, picoFromUsdPerMillion } from "@fairlead/pricing";
import { z } from "zod";
import { modalityVocabulary, parameterVocabulary, quantizationVocabulary } from "./parameters.ts";
import { dialects } from "./provider.ts";

const slugPattern = /^[a-z0-9][a-z0-9._-]*(\/[a-z0-9][a-z0-9._-]*)?$/;
const modelPattern = /^[a-z0-9~][a-z0-9._-]*\/[a-z0-9][a-z0-9._-]*(:[a-z0-9-]+)?$/;
const environmentPattern = /^[A-Za-z_][A-Za-z0-9_]*$/;

const text = z.string().min(1, "is empty: give a value or leave the field out");
const milliseconds = count(86_400_000);
const tokens = count(Number.MAX_SAFE_INTEGER);

function count(max: number) {
  return z
    .int({ error: "must be a whole number, such as 8000" })
    .min(1, "must be at least 1")
    .max(max, `must be at most ${max}`);
}

/** A price is exact, so it is read from its text; a YAML number is one when it is short. */
function usd(convert: (value: string) => bigint, unit: string) {
  const remedy = `write USD per ${unit} as a decimal of at least 0, such as "0.15"`;
  const isPrice = (value: unknown) => {
    try {
      convert(String(value));
      return true;
    } catch {
      return false;
    }
  };
  const explain = ({ input }: { readonly input?: unknown }) => {
    if (input === undefined) {
      return `is missing: ${remedy}`;
    }
    const isShown = typeof input === "string" || typeof input === "number";
    return `${isShown ? `"${input}" ` : ""}is not a price: ${remedy}`;
  };
  return z
    .union([z.string(), z.number()], { error: explain })
    .refine(isPrice, { error: explain })
    .transform(String);
}

const perMillion = usd(picoFromUsdPerMillion, "million tokens, with at most 6 decimal places,");

const rateFields = {
  prompt: perMillion,
  completion: perMillion,
  cache_read: perMillion.optional(),
  cache_write: perMillion.optional(),
  cache_write_1h: perMillion.optional(),
  reasoning: perMillion.optional(),
  audio_input: perMillion.optional(),
  audio_output: perMillion.optional(),
  image_input: perMillion.optional(),
  request: usd(picoFromUsd, "request").optional(),
};

const price = z.strictObject({
  ...rateFields,
  /** Rates of requests whose prompt has more tokens than `above_prompt_tokens`. */
  tiers: z.array(z.strictObject({ above_prompt_tokens: tokens, ...rateFields })).optional(),
});

const timeouts = z.strictObject({
  connect_ms: milliseconds.optional(),
  first_token_ms: milliseconds.optional(),
  idle_ms: milliseconds.optional(),
  total_ms: milliseconds.optional(),
});

const modelId = z
  .string()
  .regex(modelPattern, "is not a model id: write author/slug in lower case, such as acme/llama-8b");

const model = z.strictObject({
  id: modelId,
  upstream: text.optional(),
  name: text.optional(),
  context_length: tokens.optional(),
  max_completion_tokens: tokens.optional(),
  price: price.optional(),
  quantization: z.enum(quantizationVocabulary).optional(),
  input_modalities: z.array(z.enum(modalityVocabulary)).min(1).optional(),
  output_modalities: z.array(z.enum(modalityVocabulary)).min(1).optional(),
  supported_parameters: z.array(z.enum(parameterVocabulary)).optional(),
  timeouts: timeouts.optional(),
  disabled: z.boolean().optional(),
});

const baseUrl = z.string().superRefine((value, context) => {
  const problem = findUrlProblem(value);
  if (problem !== undefined) {
    context.addIssue({ code: "custom", message: problem });
  }
});

const headerName = z
  .string()
  .regex(/^[A-Za-z0-9-]+$/, "is not the name of a header: use letters, digits and dashes");
/** What HTTP takes: a line break would end the header and begin another one. */
const headerValue = z
  .string()
  .regex(/^[\t\x20-\x7e\x80-\xff]*$/, "must be one line of printable characters");

const credential = z.union(
  [z.strictObject({ env: z.string().regex(environmentPattern) }), z.strictObject({ file: text })],
  { error: "must be { env: NAME } or { file: /path }: the key itself never stands in this file" },
);

const provider = z.strictObject({
  id: z
    .string()
    .regex(slugPattern, "is not a slug: use lower-case letters, digits, dots and dashes"),
  name: text.optional(),
  dialect: z.enum(dialects, { error: `is unknown: use one of ${dialects.join(", ")}` }).optional(),
  base_url: baseUrl.optional(),
  api_key: credential.optional(),
  headers: z.record(headerName, headerValue, { error: "must be names and values" }).optional(),
  concurrency: count(100_000).optional(),
  timeouts: timeouts.optional(),
  docs_url: text.optional(),
  /** What the operator's contract with the provider says; without it nothing is assumed. */
  data_policy: z
    .strictObject({ collects_data: z.boolean().optional(), zero_retention: z.boolean().optional() })
    .optional(),
  disabled: z.boolean().optional(),
  models: z.array(model).optional(),
});

/** The operator's file. Field names are its format; see the README of this package. */
export const operatorSchema = z.strictObject({
  providers: z.array(provider).optional(),
  aliases: z.record(z.string().min(1), modelId).optional(),
});

export type OperatorDocument = z.output<typeof operatorSchema>;
export type OperatorProvider = z.output<typeof provider>;
export type OperatorModel = z.output<typeof model>;
export type OperatorPrice = z.output<typeof price>;

function findUrlProblem(value: string): string | undefined {
  // Placeholders are filled in later, so any host name may stand for them here.
  const url = URL.parse(value.replace(/\$\{[A-Za-z_][A-Za-z0-9_]*\}/g, "placeholder"));
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    return `"${value}" is not an http or https URL: write one such as https://host/v1`;
  }
  if (/[?#]/.test(value)) {
    return "holds a query or a fragment, which requests do not carry: end it before the ? or #";
  }
  if (url.username !== "" || url.password !== "") {
    return "holds credentials: put them in api_key";
  }
  return undefined;
}
