import { authorSpellings, findAuthorOfFamily, vendorAuthors } from "./authors.ts";

/**
 * Public ids of the models that providers serve under names of their own.
 *
 * 1. A name is cleaned: lower case, wrappers such as `accounts/fireworks/models/` off, `glm-5p1`
 *    read as `glm-5.1`, the static variant (`:free`) set aside.
 * 2. Its author is the prefix (`zai-org/…` → `z-ai`), else that of its family (`claude-…` →
 *    `anthropic`), else the vendor that serves it.
 * 3. The author's canonical slugs are searched, with dots and dashes alike; then again with
 *    markers off that name a build and not a model (dates, quantization, `-turbo`, `-instruct`).
 * 4. What is found nowhere is `author/slug` when the author is known, else `provider/slug`.
 */
export interface CanonicalIds {
  resolve(provider: string, name: string, baseModel: string | undefined): string;
}

interface ParsedName {
  readonly author: string | undefined;
  readonly slug: string;
  readonly variant: string;
}

const staticVariants = ["free", "thinking", "extended", "batch"];

export function createCanonicalIds(canonicalIds: Iterable<string>): CanonicalIds {
  const idByKey = new Map<string, string>();
  const authors = new Set<string>(Object.values(authorSpellings));
  for (const id of canonicalIds) {
    const [author = "", rest = ""] = id.split("/");
    const slug = rest.split(":")[0] ?? "";
    authors.add(author);
    idByKey.set(`${author}/${toKey(slug)}`, `${author}/${slug}`);
  }

  function search(author: string | undefined, slug: string): string | undefined {
    for (const spelling of listSpellings(slug)) {
      const found = idByKey.get(`${author}/${toKey(spelling)}`);
      if (found !== undefined) {
        return found;
      }
    }
    return undefined;
  }

  return {
    resolve(provider, name, baseModel) {
      const own = parseName(provider, name, authors);
      const named = baseModel === undefined ? own : parseName(provider, baseModel, authors);
      const exact = idByKey.get(`${own.author}/${toKey(own.slug)}`);
      const found = exact ?? search(named.author, named.slug) ?? search(own.author, own.slug);
      const fallback = `${named.author ?? provider}/${settleVersion(named.slug)}`;
      return (found ?? fallback) + own.variant;
    },
  };
}

function parseName(provider: string, name: string, authors: ReadonlySet<string>): ParsedName {
  let text = name.toLowerCase().replaceAll(" ", "-");
  text = text
    .replace(
      /^(accounts\/[^/]+\/(models|routers)\/|@cf\/|workers-ai\/@cf\/|hf:|pro\/|tee\/|public\/|route\/)/,
      "",
    )
    .replace(/^(us|eu|apac|global|au|jp)\.(?=[a-z0-9]+\.)/, "")
    .replace(/^(databricks-|duo-chat-)/, "");
  const [head = "", ...tags] = text.split(":");
  const variant = tags.find((tag) => staticVariants.includes(tag));
  const rest = tags.filter((tag) => tag !== variant && !/^\d$/.test(tag));
  const whole = [head, ...rest].join("-").replace(/@/g, "-");
  const { author, slug } = splitAuthor(provider, whole, authors);
  const isFree = slug.endsWith("-free");
  return {
    author,
    slug: cleanSlug(isFree ? slug.slice(0, -"-free".length) : slug),
    variant: variant !== undefined ? `:${variant}` : isFree ? ":free" : "",
  };
}

function splitAuthor(
  provider: string,
  name: string,
  authors: ReadonlySet<string>,
): { author: string | undefined; slug: string } {
  const slash = name.lastIndexOf("/");
  const bare = slash < 0 ? name : name.slice(slash + 1);
  const prefix = slash < 0 ? "" : (name.slice(0, slash).split("/").at(-1) ?? "");
  const spelled = authorSpellings[prefix] ?? prefix;
  if (authors.has(spelled)) {
    return { author: spelled, slug: bare };
  }
  const joined = /^([a-z0-9]+)(?:--|-|\.)(.+)$/.exec(bare);
  if (joined !== null) {
    // "anthropic--claude-3-haiku", "alibaba-qwen3-32b", "amazon.nova-lite-v1"
    const [, first = "", after = ""] = joined;
    const author = authorSpellings[first] ?? first;
    if (author === findAuthorOfFamily(after)) {
      return { author, slug: after };
    }
  }
  return { author: findAuthorOfFamily(bare) ?? vendorAuthors[provider], slug: bare };
}

function cleanSlug(slug: string): string {
  return slug
    .replaceAll("_", "-")
    .replace(/(\d)p(\d)/g, "$1.$2")
    .replace(/-v\d+-0$/, "")
    .replace(/[^a-z0-9.-]/g, "-");
}

/** `qwen-2.5-7b`, `qwen2-5-7b` and `qwen2.5-7b` are one name. */
function toKey(slug: string): string {
  return slug.replace(/[.-]/g, "");
}

/** A version that was written with a dash gets its dot: `claude-3-5-haiku` → `claude-3.5-haiku`. */
function settleVersion(slug: string): string {
  return slug.replace(/(?<=[a-z-])(\d)-(\d)(?=-|$)/, "$1.$2");
}

/** What a provider's name says of the build or the alias, and what is left without it. */
const buildMarkers: readonly (readonly [RegExp, string])[] = [
  [/-(tee|maas|original|gguf|cs)$/, ""],
  [/-(fp8-dynamic|fp8|fp4|nvfp4|mxfp4|bf16|int4|int8|awq|int4-mixed-ar|quantized-w4a16)$/, ""],
  [/(-20\d{6})-v\d$/, "$1"],
  [/-(20\d{6}|20\d\d-\d\d-\d\d)$/, ""],
  [/^meta-llama-/, "llama-"],
  [/^(llama-.*|qwen.*)-turbo$/, "$1"],
  [/^(llama-.*)-(versatile|instant)$/, "$1-instruct"],
  [/^(llama-4-(?:maverick|scout))-.*$/, "$1"],
  [/^(qwen3-coder)-480b-a35b(-instruct)?$/, "$1"],
  [/^(qwen3-235b-a22b)-instruct(-2507)$/, "$1$2"],
  [/^claude-(\d)-(\d)-(opus|sonnet|haiku)$/, "claude-$3-$1-$2"],
  [/^claude-(opus|sonnet|haiku)(\d)-(\d)$/, "claude-$1-$2-$3"],
  [/^(claude-(?:opus|sonnet)-4)-0$/, "$1"],
  [/^(gpt-.*)-latest$/, "$1"],
  [/^deepseek-v3$/, "deepseek-chat"],
  [/^deepseek-(v3-0324|v3-1)$/, "deepseek-chat-$1"],
  [/^kimi-k2-instruct$/, "kimi-k2"],
  [/^kimi-k2-(?:instruct-0905|0905-preview)$/, "kimi-k2-0905"],
  [/^mistral-small-(?:2506|3-2-24b-instruct-2506)$/, "mistral-small-3-2-24b-instruct"],
  [/^mistral-medium-2505$/, "mistral-medium-3"],
  [/^mistral-medium-2604$/, "mistral-medium-3-5"],
  [/^mistral-nemo-instruct-2407$/, "mistral-nemo"],
  [/^(gemini-3-flash|gemini-3-1-pro)$/, "$1-preview"],
];

/** The slug, then with one more marker of its build off at each step; at last as an instruct. */
function listSpellings(slug: string): string[] {
  const spellings = [slug];
  let current = slug.replaceAll(".", "-").replace(/--+/g, "-");
  for (let steps = 0; steps < buildMarkers.length; steps += 1) {
    const marker = buildMarkers.find(([pattern]) => pattern.test(current));
    if (marker === undefined) {
      break;
    }
    current = current.replace(marker[0], marker[1]);
    spellings.push(current);
  }
  for (const spelling of [...spellings]) {
    spellings.push(`${spelling}-instruct`, `${spelling}-it`);
  }
  return spellings;
}
