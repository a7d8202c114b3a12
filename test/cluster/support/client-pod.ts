import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Request as BilledRequest, LoadOptions } from "../../kill/load.ts";
import { imageOf } from "./images.ts";
import { kubectl } from "./kubectl.ts";
import { openPortForward, type PortForward } from "./port-forward.ts";
import { createRestrictedPod } from "./restricted-pod.ts";

const PORT = 8099;
const tests = join(import.meta.dirname, "../..");
const sources = ["cluster/client/main.ts", "kill/load.ts"];

export type ClientLoad = Omit<LoadOptions, "baseUrl" | "apiKey">;

/** Clients inside the cluster: what is sent goes through the gateway's Service. */
export class ClientPod implements AsyncDisposable {
  readonly #namespace: string;
  readonly #forward: PortForward;

  private constructor(namespace: string, forward: PortForward) {
    this.#namespace = namespace;
    this.#forward = forward;
  }

  /** In the namespace of the release, on a node of its own choice unless named. */
  static async start(namespace: string, release: string, nodeName?: string): Promise<ClientPod> {
    const files = sources.map((path) => ({ path, text: readFileSync(join(tests, path), "utf8") }));
    await createRestrictedPod({
      namespace,
      name: "client",
      image: imageOf("gateway"),
      command: ["node", "/client/cluster/client/main.ts"],
      env: {
        GATEWAY_URL: `http://${release}-gateway:8080`,
        API_KEY_FILE: "/secrets/api-key",
        PORT: String(PORT),
      },
      files: { mountPath: "/client", files },
      secret: { mountPath: "/secrets", name: `${release}-keys` },
      readiness: { port: PORT, path: "/now" },
      ...(nodeName !== undefined && { nodeName }),
    });
    await kubectl(
      ["wait", "-n", namespace, "pod/client", "--for=condition=Ready", "--timeout=90s"],
      {
        timeoutMs: 100_000,
      },
    );
    return new ClientPod(namespace, await openPortForward(namespace, "pod/client", PORT));
  }

  async start(name: string, load: ClientLoad): Promise<void> {
    await this.#call(`/loads/${name}`, { method: "POST", body: JSON.stringify(load) });
  }

  /** The requests so far; those under way have `endedAtMs` 0. */
  async read(name: string): Promise<BilledRequest[]> {
    return (await this.#call(`/loads/${name}`)) as BilledRequest[];
  }

  /** Ends a load; resolves with its requests when the last one under way has ended. */
  async stop(name: string): Promise<BilledRequest[]> {
    return (await this.#call(`/loads/${name}/stop`, { method: "POST" })) as BilledRequest[];
  }

  /** The clock of the requests' times, ms since 1970. */
  async now(): Promise<number> {
    return (await this.#call("/now")) as number;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#forward[Symbol.asyncDispose]();
    const flags = ["-n", this.#namespace, "--ignore-not-found", "--grace-period=1"];
    await kubectl(["delete", "pod/client", "configmap/client", ...flags]);
  }

  async #call(path: string, init: RequestInit = {}): Promise<unknown> {
    const response = await fetch(`http://127.0.0.1:${this.#forward.port}${path}`, {
      ...init,
      signal: AbortSignal.timeout(180_000),
    });
    const text = await response.text();
    if (!response.ok) {
      throw new Error(`the client pod: ${text}`);
    }
    return JSON.parse(text);
  }
}
