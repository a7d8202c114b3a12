import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { RouterService } from "@fairlead/proto/router/v1/router";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createClient } from "../grpc/client.ts";
import { addService } from "../grpc/serve.ts";
import { createRpcServer, type RpcServer } from "../grpc/server.ts";
import { createLink } from "../link/create-link.ts";
import { serveLink } from "../link/serve-link.ts";
import { openRpcSecurity, type RpcSecurity, type ServiceName } from "./rpc-security.ts";

const POLL_MS = 50;
const PATIENCE_MS = 20_000;
const REFUSED_MS = 1_000;
const call = { timeoutMs: 20_000 };
const ignore = () => undefined;
const logger = { info: ignore, warn: ignore, error: ignore };
const unused = () => Promise.reject(new Error("not called"));
const handlers = {
  plan: unused,
  listModels: unused,
  listEndpoints: unused,
  listProviders: async () => ({ providers: [{ slug: "acme" }] }),
  listIdleEndpoints: unused,
};

let folder = "";
let server: RpcServer;
let port = 0;
const securities: RpcSecurity[] = [];

function openssl(...parts: string[]): void {
  execFileSync("openssl", parts, { cwd: folder, stdio: "pipe" });
}

function makeCa(name: string): void {
  const subject = ["-subj", `/CN=${name}`, "-days", "2"];
  openssl(
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-keyout",
    `${name}.key`,
    "-out",
    `${name}.crt`,
    ...subject,
  );
}

/** A certificate of a service, as cert-manager issues it. */
function issue(ca: string, service: string, name: string): void {
  openssl(
    "req",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-keyout",
    `${name}.key`,
    "-out",
    `${name}.csr`,
    "-subj",
    `/CN=${name}`,
  );
  writeFileSync(join(folder, "san.cnf"), `subjectAltName=DNS:${service}.fairlead.internal\n`);
  openssl(
    "x509",
    "-req",
    "-in",
    `${name}.csr`,
    "-CA",
    `${ca}.crt`,
    "-CAkey",
    `${ca}.key`,
    "-CAcreateserial",
    "-days",
    "1",
    "-extfile",
    "san.cnf",
    "-out",
    `${name}.crt`,
  );
}

function open(name: string, ca: string): RpcSecurity {
  const path = (file: string) => join(folder, file);
  const paths = { cert: path(`${name}.crt`), key: path(`${name}.key`), ca: path(`${ca}.crt`) };
  const security = openRpcSecurity(paths, { logger, pollMs: POLL_MS });
  securities.push(security);
  return security;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fairlead-tls-"));
  makeCa("ca");
  makeCa("stranger");
  issue("ca", "router", "router");
  issue("ca", "router", "renewed");
  issue("ca", "gateway", "gateway");
  issue("stranger", "gateway", "intruder");
  cpSync(join(folder, "router.crt"), join(folder, "serving.crt"));
  cpSync(join(folder, "router.key"), join(folder, "serving.key"));
  server = createRpcServer({ logger, ...open("serving", "ca").server });
  addService(server, RouterService, handlers);
  serveLink(server, [[RouterService, handlers]]);
  port = await server.listen("127.0.0.1", 0);
});

afterAll(() => {
  server?.close();
  for (const security of securities) {
    security.close();
  }
  rmSync(folder, { recursive: true, force: true });
});

/**
 * What plain gRPC and a link get, each on a new connection. A link tries again and again: one that
 * is to be refused is given up after `readyMs`.
 */
async function ask(
  security: RpcSecurity | undefined,
  readyMs: number,
  service: ServiceName = "router",
) {
  const address = `127.0.0.1:${port}`;
  const options = security?.client(service) ?? {};
  const client = createClient(RouterService, address, {
    ...options,
    channelOptions: { ...options.channelOptions, "grpc.use_local_subchannel_pool": 1 },
  });
  const link = createLink(address, { logger, ...options });
  const codeOf = (error: { code: string }) => error.code;
  try {
    return await Promise.all([
      client.listProviders({}, call).then(() => "answered", codeOf),
      link
        .whenReady(readyMs)
        .then(() => link.client(RouterService).listProviders({}, call))
        .then(() => "answered", codeOf),
    ]);
  } finally {
    client.close();
    link.close();
  }
}

/** The serial number of the certificate that a new connection is shown. */
async function readServed(): Promise<string> {
  const socket = await new Promise<TLSSocket>((resolve, reject) => {
    const opened = connect(
      { port, host: "127.0.0.1", ALPNProtocols: ["h2"], rejectUnauthorized: false },
      () => resolve(opened),
    );
    opened.on("error", reject);
  });
  const { serialNumber } = socket.getPeerCertificate();
  socket.on("error", ignore);
  socket.destroy();
  return serialNumber;
}

function put(name: string): void {
  cpSync(join(folder, `${name}.crt`), join(folder, "serving.crt"));
  cpSync(join(folder, `${name}.key`), join(folder, "serving.key"));
}

describe("mutual TLS", () => {
  it("lets in who has a certificate of the CA, by gRPC and by link", async () => {
    expect(await ask(open("gateway", "ca"), PATIENCE_MS)).toEqual(["answered", "answered"]);
  });

  it("refuses plaintext", async () => {
    expect(await ask(undefined, REFUSED_MS)).toEqual(["unavailable", "unavailable"]);
  });

  it("refuses a client of another CA, though it trusts the server", async () => {
    expect(await ask(open("intruder", "ca"), REFUSED_MS)).toEqual(["unavailable", "unavailable"]);
  });

  it("does not talk to a server of another CA", async () => {
    expect(await ask(open("gateway", "stranger"), REFUSED_MS)).toEqual([
      "unavailable",
      "unavailable",
    ]);
  });

  it("does not take one service for another", async () => {
    expect(await ask(open("gateway", "ca"), REFUSED_MS, "adapter")).toEqual([
      "unavailable",
      "unavailable",
    ]);
  });

  it("serves a rotated certificate to new connections, while old ones go on", async () => {
    const security = open("gateway", "ca");
    const link = createLink(`127.0.0.1:${port}`, { logger, ...security.client("router") });
    await link.whenReady(PATIENCE_MS);
    const before = await readServed();
    // Half of a rotation: the certificate does not fit the key, and changes nothing.
    cpSync(join(folder, "renewed.crt"), join(folder, "serving.crt"));
    await new Promise((resolve) => setTimeout(resolve, 4 * POLL_MS));
    expect(await readServed()).toBe(before);
    put("renewed");
    await expect.poll(readServed).not.toBe(before);
    const { providers } = await link.client(RouterService).listProviders({}, call);
    expect(providers).toHaveLength(1);
    expect(link.state).toBe("ready");
    link.close();
    expect(await ask(security, PATIENCE_MS)).toEqual(["answered", "answered"]);
    put("router");
    await expect.poll(readServed).toBe(before);
  });

  it("names the setting whose file cannot be used", () => {
    expect(() => open("missing", "ca")).toThrow(
      /^GRPC_TLS_CERT: the file cannot be read \(ENOENT\)/,
    );
    expect(() => open("gateway", "missing")).toThrow(/^GRPC_TLS_CA: the file cannot be read/);
    cpSync(join(folder, "gateway.crt"), join(folder, "mixed.crt"));
    cpSync(join(folder, "router.key"), join(folder, "mixed.key"));
    expect(() => open("mixed", "ca")).toThrow(/^GRPC_TLS_KEY: the file is not the key of/);
    writeFileSync(join(folder, "junk.crt"), "no PEM");
    expect(() => open("gateway", "junk")).toThrow(/^GRPC_TLS_CA: the file holds no PEM/);
  });
});
