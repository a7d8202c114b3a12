import { AppError } from "@fairlead/errors";
import type { AdapterService, GenerateRequest } from "@fairlead/proto/adapter/v1/adapter";
import type { ServiceHandlers } from "@fairlead/rpc";
import type { BindingTable } from "../bindings/binding-table.ts";
import { faults } from "../domain/faults.ts";
import { Generation } from "../generation/generation.ts";
import type { GenerationContext } from "../generation/generation-context.ts";
import { failCall, type GenerateCall } from "../generation/generation-messages.ts";
import { toRequestId } from "../generation/prepare-request.ts";
import { probeEndpoint } from "./probe-endpoint.ts";

export interface AdapterHandlersOptions {
  readonly context: GenerationContext;
  readonly bindings: BindingTable;
  /** Generations at one time, all providers together. */
  readonly capacity: number;
}

/** The adapter's service, the same over a link and over plain gRPC. */
export function createAdapterHandlers(
  options: AdapterHandlersOptions,
): ServiceHandlers<typeof AdapterService> {
  const { context, bindings, capacity } = options;

  function generate(request: GenerateRequest, call: GenerateCall): void {
    const binding = bindings.get(request.provider);
    if (binding === undefined) {
      failCall(call, faults.notServed());
    } else if (context.open.size >= capacity) {
      failCall(call, faults.busy());
    } else if (context.open.has(toRequestId(request))) {
      call.fail(new AppError("conflict", "This attempt is already in progress."));
    } else {
      new Generation(context, request, call, binding).start(request);
    }
  }

  return {
    generate,
    async acknowledgeUsage(request) {
      context.bills.acknowledge(request.generationIds);
      const disowned = new AppError("cancelled", "The gateway goes on without this attempt.");
      for (const attempt of request.disowned) {
        // Its stream may have broken without a word to us: then it is open still.
        context.open.get(toRequestId(attempt))?.drop(disowned);
        context.bills.disown(attempt.generationId, attempt.attempt);
      }
      return {};
    },
    async abort(request) {
      // Rare enough for a walk; an index would cost every request.
      for (const generation of context.open.values()) {
        if (generation.id === request.generationId) {
          generation.abort();
        }
      }
      return {};
    },
    probe: (request, call) => probeEndpoint(context, bindings, request, call.signal),
  };
}
