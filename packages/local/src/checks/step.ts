/** One thing that must hold, found out by a program. */
export interface Step {
  readonly name: string;
  /** What holds when it passes. */
  readonly label: string;
  readonly command: readonly [string, ...string[]];
  /** Relative to the repository. */
  readonly folder?: string;
  /** A project of vitest: its tests are counted one by one. */
  readonly isSuite?: boolean;
  /** Runs only when it is named: it needs more than a clone. */
  readonly isOnDemand?: boolean;
}

function suite(name: string, label: string): Step {
  return { name, label, isSuite: true, command: ["vitest", "run", "--project", name] };
}

/** Cheap ones first: whoever broke the format need not wait for the rest to learn it. */
export const steps: readonly Step[] = [
  { name: "format", label: "format", command: ["biome", "format", "."] },
  {
    name: "lint",
    label: "lint and import rules",
    command: ["biome", "lint", "--error-on-warnings", "."],
  },
  { name: "types", label: "types", command: ["tsc", "--noEmit", "-p", "tsconfig.json"] },
  { name: "proto", label: "protocol definitions", command: ["buf", "lint"], folder: "proto" },
  {
    name: "breaking",
    label: "protocols compatible with the last release",
    command: ["node", "--conditions=@fairlead/source", "packages/local/src/checks/breaking.ts"],
  },
  {
    name: "generated",
    label: "generated code in date",
    command: ["node", "--conditions=@fairlead/source", "packages/local/src/checks/generated.ts"],
  },
  { name: "unused", label: "nothing unused", command: ["knip", "--no-progress"] },
  suite("unit", "unit and property tests"),
  suite("conventions", "planted violations are caught"),
  suite("monitoring", "dashboards, alerts and runbooks"),
  suite("charts", "Helm charts"),
  suite("integration", "integration tests on PostgreSQL and NATS"),
  suite("e2e", "end to end on the whole platform"),
  suite("kill", "services killed under load"),
  { ...suite("cluster", "the platform on Kubernetes"), isOnDemand: true },
];
