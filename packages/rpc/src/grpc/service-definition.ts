import type { DescService } from "@bufbuild/protobuf";
import type { ServiceDefinition } from "@grpc/grpc-js";
import { methodPath } from "../method.ts";

/**
 * The grpc-js view of a protobuf-es service: same method names, messages as bytes. Encoding stays
 * on our side of grpc-js, so that a message that does not fit its type fails as an AppError.
 */
export function toGrpcServiceDefinition(service: DescService): ServiceDefinition {
  return Object.fromEntries(
    service.methods.map((method) => [
      method.localName,
      {
        path: methodPath(method),
        requestStream:
          method.methodKind === "client_streaming" || method.methodKind === "bidi_streaming",
        responseStream:
          method.methodKind === "server_streaming" || method.methodKind === "bidi_streaming",
        requestSerialize: pass,
        requestDeserialize: pass,
        responseSerialize: pass,
        responseDeserialize: pass,
      },
    ]),
  );
}

export function pass(bytes: Buffer): Buffer {
  return bytes;
}
