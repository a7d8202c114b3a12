import type { DescMessage } from "@bufbuild/protobuf";

/** What a message is called in code: nested ones carry their parents' names. */
export function codeName({ file, typeName }: DescMessage): string {
  return typeName.slice(file.proto.package.length + 1).replaceAll(".", "_");
}
