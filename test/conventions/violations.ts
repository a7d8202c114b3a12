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

function lint(path: string): Violation["command"] {
  return ["biome", "lint", path];
}

function forbiddenImport(rule: string, specifier: string): Violation {
  return {
    rule,
    path: planted,
    content: `import * as it from "${specifier}";\n\nexport const planted = it;\n`,
    command: lint(planted),
    expected: /noRestrictedImports/,
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
  forbiddenImport("a domain folder that imports grpc", "@grpc/grpc-js"),
  forbiddenImport("a domain folder that imports pg", "pg"),
  forbiddenImport("a domain folder that imports express", "express"),
  forbiddenImport("a domain folder that imports NATS", "@nats-io/transport-node"),
  forbiddenImport("a service that imports another one by path", "../../../gateway/src/main.ts"),
  forbiddenImport("a service that imports another one by name", "@fairlead/gateway"),
  {
    rule: "a domain folder that reads the environment",
    path: planted,
    content: "export const planted = process.env.HOME;\n",
    command: lint(planted),
    expected: /noProcessEnv/,
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
