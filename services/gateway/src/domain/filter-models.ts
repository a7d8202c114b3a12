import { AppError } from "@fairlead/errors";
import type { Model } from "@fairlead/proto/catalog/v1/catalog";

/** The query of `GET /models`, as text. */
export type ModelQuery = Readonly<Record<string, string | undefined>>;

export interface ModelPage {
  readonly models: readonly Model[];
  readonly totalCount: number;
  /** Offset of the next page; undefined on the last one. */
  readonly nextOffset: number | undefined;
}

const LIMIT_DEFAULT = 500;
const LIMIT_MAX = 1_000;

/** The models that a query asks for; all that answer in text when it asks for nothing. */
export function filterModels(models: readonly Model[], query: ModelQuery): ModelPage {
  const filters = [
    byParameters(query.supported_parameters),
    byOutput(query.output_modalities),
    byInput(query.input_modalities),
    byText(query.q),
    byAuthor(query.model_authors),
    byContext(query.context),
  ].filter((filter) => filter !== undefined);
  const found = models.filter((model) => filters.every((filter) => filter(model)));
  const offset = readInteger("offset", query.offset, 0, Number.MAX_SAFE_INTEGER);
  const limit = readInteger("limit", query.limit, 1, LIMIT_MAX);
  if (offset === undefined && limit === undefined) {
    return { models: found, totalCount: found.length, nextOffset: undefined };
  }
  const start = offset ?? 0;
  const end = start + (limit ?? LIMIT_DEFAULT);
  return {
    models: found.slice(start, end),
    totalCount: found.length,
    nextOffset: end < found.length ? end : undefined,
  };
}

type Filter = (model: Model) => boolean;

function byParameters(text: string | undefined): Filter | undefined {
  const wanted = toList(text);
  return (
    wanted && (({ supportedParameters }) => wanted.every((it) => supportedParameters.includes(it)))
  );
}

function byOutput(text = "text"): Filter | undefined {
  const wanted = text === "all" ? undefined : toList(text);
  return wanted && (({ outputModalities }) => wanted.some((it) => outputModalities.includes(it)));
}

function byInput(text: string | undefined): Filter | undefined {
  const wanted = toList(text);
  return wanted && (({ inputModalities }) => wanted.every((it) => inputModalities.includes(it)));
}

function byText(text: string | undefined): Filter | undefined {
  const wanted = text?.toLowerCase();
  return wanted === undefined || wanted === ""
    ? undefined
    : ({ id, name }) => id.toLowerCase().includes(wanted) || name.toLowerCase().includes(wanted);
}

function byAuthor(text: string | undefined): Filter | undefined {
  const wanted = toList(text);
  return wanted && (({ id }) => wanted.includes(id.split("/", 1)[0] ?? ""));
}

function byContext(text: string | undefined): Filter | undefined {
  const least = readInteger("context", text, 0, Number.MAX_SAFE_INTEGER);
  return least === undefined ? undefined : ({ contextLength }) => contextLength >= BigInt(least);
}

function toList(text: string | undefined): string[] | undefined {
  const items = text?.split(",").filter((item) => item !== "");
  return items === undefined || items.length === 0 ? undefined : items;
}

function readInteger(
  name: string,
  text: string | undefined,
  min: number,
  max: number,
): number | undefined {
  if (text === undefined || text === "") {
    return undefined;
  }
  const value = Number(text);
  if (!/^\d{1,15}$/.test(text) || value < min || value > max) {
    throw new AppError("invalid_request", `${name} must be a whole number from ${min} to ${max}.`, {
      param: name,
    });
  }
  return value;
}
