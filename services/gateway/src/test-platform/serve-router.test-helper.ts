import { AdapterService, type GenerateRequest } from "@fairlead/proto/adapter/v1/adapter";
import { RouterService } from "@fairlead/proto/router/v1/router";
import { type RpcServer, serveLink } from "@fairlead/rpc";
import { candidate } from "./answers.test-helper.ts";
import type { GenerateCall, PlatformState } from "./state.test-helper.ts";

/** A router and a worker behind one link. */
export function serveRouter(server: RpcServer, state: PlatformState): void {
  const model = {
    id: "acme/one",
    name: "One",
    contextLength: 100_000n,
    outputModalities: ["text"],
    isAvailable: true,
  };
  serveLink(server, [
    [
      RouterService,
      {
        plan: async (request) => state.plan(request),
        listModels: async () => ({
          models: [
            { ...model, supportedParameters: ["tools"], price: candidate("one").price },
            { ...model, id: "acme/two", supportedParameters: [] },
            { ...model, id: "acme/unserved", supportedParameters: ["tools"], isAvailable: false },
          ],
        }),
        listEndpoints: async (request) =>
          request.model === "acme/one"
            ? {
                model,
                endpoints: [
                  {
                    id: "endpoint-one",
                    model: "acme/one",
                    provider: "one",
                    providerName: "ONE",
                    health: { latencyMs: { p50: 12 }, uptime5m: 100 },
                  },
                ],
              }
            : {},
        listProviders: async () => ({ providers: [{ slug: "one", name: "ONE" }] }),
        listIdleEndpoints: async () => ({}),
      },
    ],
    [
      AdapterService,
      {
        generate: (request: GenerateRequest, call: GenerateCall) => {
          state.generated.push(request);
          state.generate(request, call);
        },
        abort: async (request) => {
          state.aborted.push(request.generationId);
          return {};
        },
        acknowledgeUsage: async (request) => {
          state.acknowledged.push(...request.generationIds);
          state.disowned.push(...request.disowned.map((it) => `${it.generationId}-${it.attempt}`));
          return {};
        },
        probe: async () => ({}),
      },
    ],
  ]);
}
