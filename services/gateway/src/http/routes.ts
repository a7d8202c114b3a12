import type { IncomingMessage } from "node:http";
import { AppError } from "@fairlead/errors";
import type { Key, LedgerService } from "@fairlead/proto/ledger/v1/ledger";
import type { RpcClient } from "@fairlead/rpc";
import { viewCredits, viewGeneration, viewKey } from "../domain/account-view.ts";
import { checkManagement } from "../domain/check-key.ts";
import { filterModels, type ModelQuery } from "../domain/filter-models.ts";
import { viewEndpoints, viewModel, viewProvider } from "../domain/model-view.ts";
import type { CatalogReader } from "../grpc/catalog-reader.ts";
import type { Authenticator } from "./authenticator.ts";

const TIMEOUT_MS = 5_000;

export interface RouteDeps {
  readonly authenticator: Authenticator;
  readonly catalog: CatalogReader;
  readonly ledger: RpcClient<typeof LedgerService>;
}

export interface RouteCall {
  readonly request: IncomingMessage;
  readonly query: ModelQuery;
  readonly params: Readonly<Record<string, string>>;
}

/** Everything that is asked for with GET, by its path under /api/v1 and /v1. */
export type Routes = Readonly<Record<string, (call: RouteCall) => Promise<unknown>>>;

export function createRoutes(deps: RouteDeps): Routes {
  const { authenticator, catalog, ledger } = deps;
  const options = { timeoutMs: TIMEOUT_MS };
  const showKey = async ({ request }: RouteCall) => {
    const { keyId } = await authenticator.authenticate(request);
    return { data: viewKey(await ledger.getKeyUsage({ keyId }, options)) };
  };
  return {
    "/models": async ({ query }) => listModels(catalog, query),
    "/models/:author/:slug/endpoints": async ({ request, params }) => {
      const key = await authenticateIfAsked(authenticator, request);
      return listEndpoints(catalog, `${params.author}/${params.slug}`, key);
    },
    "/providers": async () => ({ data: (await catalog.providers()).map(viewProvider) }),
    "/key": showKey,
    "/auth/key": showKey,
    "/credits": async ({ request }) => {
      const key = await authenticator.authenticate(request);
      checkManagement(key);
      return { data: viewCredits(await ledger.getCredits({ accountId: key.accountId }, options)) };
    },
    "/generation": async ({ request, query }) => {
      const { accountId } = await authenticator.authenticate(request);
      const generationId = readGenerationId(query.id);
      const answer = await ledger.getGeneration({ accountId, generationId }, options);
      const nameOf = await readProviderNames(catalog);
      return { data: viewGeneration(answer, nameOf) ?? fail(generationId) };
    },
  };
}

/** Display names by slug; variants such as `one/turbo` have their provider's. */
async function readProviderNames(catalog: CatalogReader): Promise<(slug: string) => string> {
  // A bill is shown whether or not a router answers.
  const providers = await catalog.providers().catch(() => []);
  const names = new Map(providers.map(({ slug, name }) => [slug, name]));
  return (slug) => names.get(slug) ?? names.get(slug.split("/", 1)[0] ?? "") ?? slug;
}

/** Only what can be called here and now: the catalog knows many models that nobody serves. */
async function listModels(catalog: CatalogReader, query: ModelQuery): Promise<unknown> {
  const models = await catalog.models();
  const page = filterModels(
    models.filter(({ isAvailable }) => isAvailable),
    query,
  );
  return {
    data: page.models.map(viewModel),
    total_count: page.totalCount,
    links: { next: page.nextOffset === undefined ? null : toNextLink(query, page.nextOffset) },
  };
}

async function listEndpoints(
  catalog: CatalogReader,
  model: string,
  key: Key | undefined,
): Promise<unknown> {
  const found = await catalog.endpoints(model);
  if (found === undefined) {
    throw new AppError("not_found", `There is no model ${model.slice(0, 200)}. See GET /models.`);
  }
  const showPercentiles = key !== undefined;
  return { data: viewEndpoints(found.model, found.endpoints, { showPercentiles }) };
}

/** Public routes show more to a caller with a key; a bad key is refused all the same. */
async function authenticateIfAsked(
  authenticator: Authenticator,
  request: IncomingMessage,
): Promise<Key | undefined> {
  return request.headers.authorization === undefined
    ? undefined
    : authenticator.authenticate(request);
}

function readGenerationId(id: string | undefined): string {
  if (id === undefined || !/^gen-[\w-]{1,80}$/.test(id)) {
    throw new AppError("invalid_request", "id must be a generation id such as gen-….", {
      param: "id",
    });
  }
  return id;
}

function fail(generationId: string): never {
  throw new AppError(
    "not_found",
    `There is no generation ${generationId}. It appears a moment after its answer.`,
  );
}

function toNextLink(query: ModelQuery, offset: number): string {
  const next = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...query, offset: String(offset) })) {
    if (value !== undefined) {
      next.set(name, value);
    }
  }
  return `/api/v1/models?${next.toString()}`;
}
