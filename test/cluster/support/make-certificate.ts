import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kubectl } from "./kubectl.ts";
import type { Release } from "./release.ts";
import { runProgram } from "./run-program.ts";

const components = ["gateway", "router", "adapter", "ledger", "prober"];
const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

/**
 * Makes a Secret with one certificate for all services, of an authority of its own, with the names
 * that cert-manager would be asked for.
 */
export async function makeCertificate(
  { namespace, name: release }: Release,
  secret: string,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-certificates-"));
  const openssl = async (...args: readonly string[]): Promise<void> => {
    await runProgram("openssl", args, { timeoutMs: 30_000, cwd: folder });
  };
  try {
    const authority = ["-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=test authority"];
    await openssl("req", "-x509", ...newKey, ...authority, "-days", "2");
    const request = ["-keyout", "tls.key", "-out", "tls.csr", "-subj", "/CN=service"];
    await openssl("req", ...newKey, ...request);
    const names = components.flatMap((component) => [
      `DNS:${release}-${component}`,
      `DNS:${release}-${component}.${namespace}`,
      `DNS:${release}-${component}.${namespace}.svc`,
      `DNS:${component}.fairlead.internal`,
    ]);
    writeFileSync(join(folder, "names.cnf"), `subjectAltName=${names.join(",")}\n`);
    const signer = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "1"];
    await openssl(
      "x509",
      "-req",
      "-in",
      "tls.csr",
      ...signer,
      "-extfile",
      "names.cnf",
      "-out",
      "tls.crt",
    );
    const files = ["tls.crt", "tls.key", "ca.crt"].map(
      (file) => `--from-file=${join(folder, file)}`,
    );
    await kubectl(["create", "secret", "generic", secret, "-n", namespace, ...files]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
