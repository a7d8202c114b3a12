import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ProbeRequest, ProbeResponseSchema } from "@fairlead/proto/adapter/v1/adapter";
import type { BindingTable } from "../bindings/binding-table.ts";
import { faults } from "../domain/faults.ts";
import { redactFault } from "../domain/redact-fault.ts";
import type { GenerationContext } from "../generation/generation-context.ts";
import { toTimeouts } from "../generation/prepare-request.ts";
import { runProbe } from "../upstream/probe-exchange.ts";

/** Looks whether an endpoint works, in the way that its provider's dialect makes cheapest. */
export async function probeEndpoint(
  context: GenerationContext,
  bindings: BindingTable,
  request: ProbeRequest,
  signal: AbortSignal,
): Promise<MessageInitShape<typeof ProbeResponseSchema>> {
  const binding = bindings.get(request.provider);
  if (binding === undefined) {
    return { isUp: false, fault: faults.notServed(), isFree: true };
  }
  const { now, upstream, sweeper } = context;
  const plan = binding.provider.probe({
    provider: request.provider,
    providerName: request.provider,
    publicModel: request.model,
    upstreamModel: request.upstreamModel,
    generationId: "probe",
    created: 0,
    isStream: false,
  });
  const { fault, latencyMs } = await runProbe({
    upstream,
    sweeper,
    now,
    address: binding.address,
    plan,
    timeouts: toTimeouts(request.timeouts, binding.timeouts),
    requestId: `probe-${request.endpointId}`,
    signal,
  });
  return {
    isUp: fault === undefined,
    latencyMs: Math.round(latencyMs),
    ...(fault !== undefined && { fault: redactFault(fault, binding.credential) }),
    isFree: plan.isFree,
  };
}
