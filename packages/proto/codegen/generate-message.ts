import type { DescField, DescMessage, DescOneof } from "@bufbuild/protobuf";
import { codeName } from "./code-name.ts";
import { tagOf, valueKind, type ValueKind } from "./value-kind.ts";

/** The lines of the three functions of a message. */
export function generateMessage(message: DescMessage): string[] {
  const name = codeName(message);
  return [
    `export function write${name}(w, m) {`,
    ...message.members.flatMap((member) =>
      member.kind === "oneof" ? writeOneof(member) : writeField(member),
    ),
    "  if (m.$unknown !== undefined) w.unknown(m.$unknown);",
    "}",
    "",
    `export function read${name}(r, end, m = ${zeroMessage(message)}) {`,
    "  while (r.position < end) {",
    "    const tag = r.uint32();",
    "    switch (tag) {",
    ...message.fields.flatMap(readField),
    "      default:",
    "        r.unknown(tag, m);",
    "    }",
    "  }",
    "  r.close(end);",
    "  return m;",
    "}",
    "",
    `export function create${name}(m) {`,
    "  if (m.$typeName !== undefined) return m;",
    `  return { ${[typeNameOf(message), ...message.members.map(fillMember)].join(", ")} };`,
    "}",
  ];
}

function fillMember(member: DescField | DescOneof): string {
  const value = `m.${member.localName}`;
  return `${member.localName}: ${member.kind === "oneof" ? fillOneof(member, value) : fillField(member, value)}`;
}

function fillField(field: DescField, value: string): string {
  if (field.message === undefined) {
    return hasPresence(field) ? value : `${value} ?? ${zeroValue(field)}`;
  }
  const create = `create${codeName(field.message)}`;
  return field.fieldKind === "list"
    ? `${value}?.map(${create}) ?? []`
    : `${value} === undefined ? undefined : ${create}(${value})`;
}

function fillOneof(oneof: DescOneof, value: string): string {
  const cases = oneof.fields.flatMap(({ localName, message }) =>
    message === undefined
      ? []
      : `${value}?.case === ${JSON.stringify(localName)} ? ` +
        `{ case: ${value}.case, value: create${codeName(message)}(${value}.value) } : `,
  );
  return `${cases.join("")}${value} ?? { case: undefined }`;
}

function typeNameOf({ typeName }: DescMessage): string {
  return `$typeName: ${JSON.stringify(typeName)}`;
}

function zeroMessage(message: DescMessage): string {
  const fields = message.members.map((member) => `${member.localName}: ${zeroValue(member)}`);
  return `{ ${[typeNameOf(message), ...fields].join(", ")} }`;
}

function zeroValue(member: DescField | DescOneof): string {
  if (member.kind === "oneof") {
    return "{ case: undefined }";
  }
  if (member.fieldKind === "list") {
    return "[]";
  }
  return hasPresence(member) ? "undefined" : valueKind(member).zero;
}

function hasPresence(field: DescField): boolean {
  return field.fieldKind === "message" || field.proto.proto3Optional;
}

function writeField(field: DescField): string[] {
  const kind = valueKind(field);
  const value = `m.${field.localName}`;
  const tag = tagOf(field, kind);
  if (field.fieldKind === "list") {
    return [
      `  if (${value} !== undefined) for (const item of ${value}) { ${kind.write(tag, "item")} }`,
    ];
  }
  const isSet = hasPresence(field)
    ? `${value} !== undefined`
    : `${value} !== undefined && ${kind.isSet(value)}`;
  return [`  if (${isSet}) { ${kind.write(tag, value)} }`];
}

function writeOneof(oneof: DescOneof): string[] {
  return [
    `  switch (m.${oneof.localName}?.case) {`,
    ...oneof.fields.map((field) => {
      const kind = valueKind(field);
      const write = kind.write(tagOf(field, kind), `m.${oneof.localName}.value`);
      return `    case ${JSON.stringify(field.localName)}: { ${write} break; }`;
    }),
    "  }",
  ];
}

function readField(field: DescField): string[] {
  const kind = valueKind(field);
  return [`      case ${tagOf(field, kind)}:`, `        ${assign(field, kind)}`, "        break;"];
}

function assign(field: DescField, kind: ValueKind): string {
  const { oneof, localName } = field;
  if (field.fieldKind === "list") {
    return `m.${localName}.push(${kind.read("undefined")});`;
  }
  if (oneof !== undefined) {
    const name = JSON.stringify(localName);
    const before = `m.${oneof.localName}.case === ${name} ? m.${oneof.localName}.value : undefined`;
    return `m.${oneof.localName} = { case: ${name}, value: ${kind.read(before)} };`;
  }
  // A message that comes in two parts is the sum of both.
  return `m.${localName} = ${kind.read(`m.${localName}`)};`;
}
