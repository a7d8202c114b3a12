export interface Violation {
  /** What is forbidden, as a sentence. */
  readonly rule: string;
  readonly path: string;
  readonly content: string;
  /** The file exists, and the content is added to its end. */
  readonly isAppended?: boolean;
  readonly command: readonly [string, ...string[]];
  /** What the tool says. */
  readonly expected: RegExp;
}

const planted = "services/router/src/domain/planted.ts";
const deeper = "services/router/src/domain/policy/planted.ts";
const deepest = "services/router/src/grpc/a/b/c/planted.ts";

/** Another service by name and by paths of any depth. */
const serviceImports = [
  "../../../gateway/src/main.ts",
  "../../../../gateway/src/main.ts",
  "../../../../../gateway/src/main.ts",
  "../../../../../services/gateway/src/main.ts",
  "@fairlead/gateway",
  "@fairlead/gateway/src/main.ts",
];

function lint(path: string): Violation["command"] {
  return ["biome", "lint", path];
}

/** One file with an import of each specifier: every line is to be caught. */
function forbiddenImports(rule: string, path: string, specifiers: readonly string[]): Violation {
  const lines = specifiers.map((specifier, index) => `export * as it${index} from "${specifier}";`);
  const caught = specifiers.map(
    (_specifier, index) => `(?=[^]*planted\\.ts:${index + 1}:\\d+ lint/style/noRestrictedImports)`,
  );
  return {
    rule,
    path,
    content: `${lines.join("\n")}\n`,
    command: lint(path),
    expected: new RegExp(`^${caught.join("")}`),
  };
}

export const violations: readonly Violation[] = [
  {
    rule: "a file that is not formatted",
    path: "packages/errors/src/planted.ts",
    content: "export const  planted = {a:1}\n",
    command: ["biome", "format", "packages/errors/src/planted.ts"],
    expected: /Formatter would have printed/,
  },
  forbiddenImports("a domain folder that imports transport, storage or Node", deeper, [
    "@grpc/grpc-js",
    "pg",
    "express",
    "@nats-io/transport-node",
    "@fairlead/kit",
    "node:fs",
    "node:fs/promises",
    "node:https",
    "../../grpc/router-service.ts",
    "../../config.ts",
  ]),
  forbiddenImports("a domain folder that imports what is beside it", planted, [
    "../grpc/router-service.ts",
    "../config.ts",
  ]),
  forbiddenImports("a domain folder that imports another service", deeper, serviceImports),
  forbiddenImports("a service that imports another one", deepest, serviceImports),
  forbiddenImports(
    "a package that imports a service, or another package by path",
    "packages/openai/src/planted.ts",
    [
      "../../../services/gateway/src/main.ts",
      "@fairlead/gateway",
      "../../providers",
      "../../providers/src/index.ts",
    ],
  ),
  forbiddenImports(
    "a provider folder that imports another package by path",
    "packages/providers/src/gemini/planted.ts",
    ["../../../openai/src/index.ts"],
  ),
  {
    rule: "a domain folder that reads the environment, the clock or chance",
    path: deeper,
    content: [
      "export const a = process.env.HOME;",
      "export const { env } = process;",
      "export const b = () => setTimeout(() => {}, 1);",
      "export const c = Date.now();",
      "export const d = new Date();",
      "export const e = performance.now();",
      "export const f = Math.random();",
      "",
    ].join("\n"),
    command: lint(deeper),
    expected: new RegExp(
      [
        "^(?=[^]*planted\\.ts:1:\\d+ lint/style/noProcessEnv)",
        ...[1, 2, 3, 6].map(
          (line) => `(?=[^]*planted\\.ts:${line}:\\d+ lint/style/noRestrictedGlobals)`,
        ),
        ...[4, 5, 7].map((line) => `(?=[^]*planted\\.ts:${line}:\\d+ plugin)`),
      ].join(""),
    ),
  },
  {
    rule: "a provider folder that imports another one",
    path: "packages/providers/src/gemini/planted.ts",
    content: 'export { anthropic } from "../anthropic/index.ts";\n',
    command: lint("packages/providers/src/gemini/planted.ts"),
    expected: /noRestrictedImports/,
  },
  {
    rule: "a dependency that package.json does not name",
    path: "packages/errors/src/planted.ts",
    content: 'import { request } from "undici";\n\nexport const planted = request;\n',
    command: lint("packages/errors/src/planted.ts"),
    expected: /noUndeclaredDependencies/,
  },
  {
    rule: "a promise that nobody waits for",
    path: "packages/errors/src/planted.ts",
    content:
      "async function work(): Promise<void> {}\n\nexport function planted(): void {\n  work();\n}\n",
    command: lint("packages/errors/src/planted.ts"),
    expected: /noFloatingPromises/,
  },
  {
    rule: "a source file of more than 300 lines",
    path: "packages/errors/src/planted.ts",
    content: `${"export {};\n".repeat(301)}`,
    command: lint("packages/errors/src/planted.ts"),
    expected: /noExcessiveLinesPerFile/,
  },
  {
    rule: "a type error",
    path: "packages/errors/src/planted.ts",
    content: "export const planted: number = 'text';\n",
    command: ["tsc", "--noEmit", "--pretty", "false", "-p", "tsconfig.json"],
    expected: /planted\.ts\(1,14\): error TS2322/,
  },
  {
    rule: "a proto that breaks the naming standard",
    path: "proto/fairlead/planted/v1/planted.proto",
    content:
      'syntax = "proto3";\n\npackage fairlead.planted.v1;\n\nmessage planted {\n  string Text = 1;\n}\n',
    command: ["sh", "-c", "cd proto && buf lint"],
    expected: /should be PascalCase|lower_snake_case/,
  },
  {
    rule: "generated code that is out of date",
    path: "proto/fairlead/events/v1/events.proto",
    content: "\nmessage Planted {\n  string text = 1;\n}\n",
    isAppended: true,
    command: ["node", "--conditions=@fairlead/source", "packages/local/src/checks/generated.ts"],
    expected: /npm run generate/,
  },
  {
    rule: "an export that nobody uses",
    path: "packages/errors/src/app-error.ts",
    content: "\nexport function planted(): void {}\n",
    isAppended: true,
    command: ["knip", "--no-progress"],
    expected: /planted/,
  },
  {
    rule: "a file that nobody imports",
    path: "packages/errors/src/planted.ts",
    content: "export const planted = 1;\n",
    command: ["knip", "--no-progress"],
    expected: /planted\.ts/,
  },
  {
    rule: "a dependency that nobody uses",
    path: "packages/errors/package.json",
    content:
      '{ "name": "@fairlead/errors", "version": "0.1.0", "type": "module", "dependencies": { "undici": "catalog:" } }\n',
    command: ["knip", "--no-progress"],
    expected: /undici/,
  },
];
