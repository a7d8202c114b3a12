import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { stringify } from "yaml";
import { z } from "zod";
import { imageTag } from "./images.ts";
import { getObject, getPods, isReady, kubectl, type Pod } from "./kubectl.ts";
import { runProgram } from "./run-program.ts";
import { waitUntil } from "./wait-until.ts";

export const root = resolve(import.meta.dirname, "../../..");
export const umbrella = join(root, "charts/fairlead");

const INSTALL_TIMEOUT_S = 180;
const DELETE_TIMEOUT_MS = 120_000;
/**
 * Long enough for streams of 30 s, and for another that a client begins on its kept connection when
 * one ends; short enough for a test that waits for the last of them.
 */
export const DRAIN_SECONDS = 90;

/** One release of the umbrella chart in a namespace of its own, both gone when disposed of. */
export class Release implements AsyncDisposable {
  readonly name = "fairlead";
  readonly namespace: string;

  private constructor(namespace: string) {
    this.namespace = namespace;
  }

  /** Makes the namespace, in which the restricted Pod Security Standard is enforced. */
  static async create(namespace: string): Promise<Release> {
    const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
    const object = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels } };
    const release = new Release(namespace);
    // Of an earlier run that was killed.
    await release.#remove();
    await kubectl(["create", "--filename", "-"], { input: JSON.stringify(object) });
    return release;
  }

  /** Resolves when all is ready. Values come over those that every test has. */
  async install(values: unknown = {}, chart = umbrella): Promise<string> {
    return await this.#apply("install", values, chart);
  }

  async upgrade(values: unknown = {}, chart = umbrella): Promise<string> {
    return await this.#apply("upgrade", values, chart);
  }

  async helm(command: string, ...args: readonly string[]): Promise<string> {
    return await runHelm([command, this.name, "--namespace", this.namespace, ...args]);
  }

  /** Pods of one component, in the order of their names. */
  async pods(component: string): Promise<Pod[]> {
    return await getPods(
      this.namespace,
      `app.kubernetes.io/instance=${this.name},app.kubernetes.io/component=${component}`,
    );
  }

  /** Waits until exactly so many pods of the component are there, and all are ready. */
  async whenReady(component: string, count: number, timeoutMs = 120_000): Promise<Pod[]> {
    return await waitUntil(
      async () => {
        const pods = await this.pods(component);
        return pods.length === count && pods.every(isReady) && pods;
      },
      { what: `${count} ready pods of ${component}`, timeoutMs },
    );
  }

  async readSecret(name: string, key: string): Promise<string> {
    const schema = z.object({ data: z.record(z.string(), z.string()) });
    const { data } = await getObject(schema, ["secret", name, "-n", this.namespace]);
    return Buffer.from(data[key] ?? "", "base64").toString();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#remove();
  }

  async #remove(): Promise<void> {
    // Without mercy for drains: whoever tests an uninstall does it before.
    const options = { timeoutMs: DELETE_TIMEOUT_MS };
    const pods = ["delete", "pods", "--all", "-n", this.namespace, "--ignore-not-found"];
    await kubectl(["delete", "namespace", this.namespace, "--ignore-not-found", "--wait=false"]);
    await kubectl([...pods, "--force", "--grace-period=0"], options);
    await kubectl(
      ["wait", "--for=delete", `namespace/${this.namespace}`, "--timeout=110s"],
      options,
    );
  }

  async #apply(command: "install" | "upgrade", values: unknown, chart: string): Promise<string> {
    const folder = mkdtempSync(join(tmpdir(), "fairlead-cluster-"));
    try {
      const base = { global: { image: { tag: imageTag }, drain: { seconds: DRAIN_SECONDS } } };
      const files = [base, values].map((content, index) => {
        const file = join(folder, `${index}.yaml`);
        writeFileSync(file, stringify(content));
        return file;
      });
      const options = ["--wait", "--timeout", `${INSTALL_TIMEOUT_S}s`];
      const valueFiles = files.flatMap((file) => ["--values", file]);
      const target = [this.name, chart, "--namespace", this.namespace];
      return await runHelm([command, ...target, ...options, ...valueFiles]);
    } catch (error) {
      throw new Error(`helm ${command} failed\n${await this.describe()}`, { cause: error });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** Why pods are not ready, for messages. */
  async describe(): Promise<string> {
    const listed = await kubectl(["get", "pods", "-n", this.namespace, "-o", "wide"]);
    const logs = await kubectl([
      "logs",
      "-n",
      this.namespace,
      "-l",
      "app.kubernetes.io/part-of=fairlead",
      "--prefix",
      "--tail=3",
    ]).catch(String);
    return `${listed}\n${logs}`;
  }
}

export async function runHelm(args: readonly string[]): Promise<string> {
  return await runProgram("helm", args, { timeoutMs: (INSTALL_TIMEOUT_S + 30) * 1_000 });
}
