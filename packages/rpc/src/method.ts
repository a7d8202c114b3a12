import type { DescMethod } from "@bufbuild/protobuf";

/** The method's name on the wire: `/package.Service/Method`. */
export function methodPath(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}

/** Whether both transports here carry it: one request, and one or many answers. */
export function isSupported(method: DescMethod): boolean {
  return method.methodKind === "unary" || method.methodKind === "server_streaming";
}
