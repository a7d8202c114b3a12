import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { decode, encode } from "@fairlead/proto/wire";
import { AppError } from "@fairlead/errors";
import type {
  sendUnaryData,
  ServerUnaryCall,
  ServerWritableStream,
  UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { GrpcContext } from "./grpc-context.ts";
import { GrpcServerCall } from "./grpc-server-call.ts";
import type { CallContext, ServiceHandlers } from "../handler-types.ts";
import type { RpcLogger } from "../log.ts";
import { isSupported, methodPath } from "../method.ts";
import { type AnyStreamHandler, runStreamHandler } from "../run-handler.ts";
import type { RpcServer } from "./server.ts";
import { toGrpcServiceDefinition } from "./service-definition.ts";
import { toGrpcError } from "./status.ts";
import { toAppError } from "../to-app-error.ts";

type AnyUnaryHandler = (request: never, context: CallContext) => Promise<never>;

/** Serves `service` over plain gRPC. The same handlers may serve a link (`serveLink`). */
export function addService<S extends DescService>(
  server: RpcServer,
  service: S,
  handlers: ServiceHandlers<S>,
): void {
  const implementation: UntypedServiceImplementation = {};
  for (const method of service.methods.filter(isSupported)) {
    const handler: unknown = handlers[method.localName as keyof ServiceHandlers<S>];
    implementation[method.localName] =
      method.methodKind === "unary"
        ? serveUnary(method, handler as AnyUnaryHandler, server.logger)
        : serveStream(method, handler as AnyStreamHandler, server.logger);
  }
  server.grpc.addService(toGrpcServiceDefinition(service), implementation);
}

function serveUnary(method: DescMethod, handler: AnyUnaryHandler, logger: RpcLogger) {
  const path = methodPath(method);
  return (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>): void => {
    const context = new GrpcContext(call);
    const answer = async (): Promise<Buffer> => {
      const request = decodeRequest(method, call.request);
      const reply = await handler(request as never, context);
      return encode(method.output, reply);
    };
    answer().then(
      (reply) => {
        context.finish();
        callback(null, reply);
      },
      (error: unknown) => {
        context.finish();
        callback(toGrpcError(toAppError(error, path, logger)));
      },
    );
  };
}

function serveStream(method: DescMethod, handler: AnyStreamHandler, logger: RpcLogger) {
  const path = methodPath(method);
  return (stream: ServerWritableStream<Buffer, Buffer>): void => {
    const call = new GrpcServerCall(stream, method.output, (error) =>
      toAppError(error, path, logger),
    );
    let request: unknown;
    try {
      request = decodeRequest(method, stream.request);
    } catch (error) {
      call.fail(error);
      return;
    }
    runStreamHandler(handler, request, call);
  };
}

/** Also used by the link: bytes that are no message of the method are the caller's fault. */
export function decodeRequest(method: DescMethod, bytes: Uint8Array): unknown {
  try {
    return decode(method.input, bytes);
  } catch (cause) {
    throw new AppError("invalid_request", `The request is no ${method.input.typeName}.`, { cause });
  }
}
