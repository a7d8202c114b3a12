import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { AppError } from "@fairlead/errors";
import type { experimental } from "@grpc/grpc-js";
import type { RpcLogger } from "../log.ts";

const POLL_MS = 5_000;

/** Paths of PEM files. */
export interface TlsPaths {
  /** This process's certificate, with those between it and the CA. */
  readonly cert: string;
  readonly key: string;
  /** Who must have signed the peers' certificates. */
  readonly ca: string;
}

interface Contents {
  readonly certificate: Buffer;
  readonly privateKey: Buffer;
  readonly caCertificate: Buffer;
}

/**
 * The certificates of this process, read again every few seconds: Kubernetes replaces the files of
 * a Secret when it is rotated. Files that do not fit together (they are replaced one by one, or
 * wrongly) change nothing: the ones in use stay in use.
 */
export class CertificateFiles implements experimental.CertificateProvider {
  readonly #paths: TlsPaths;
  readonly #logger: RpcLogger;
  readonly #caListeners = new Set<experimental.CaCertificateUpdateListener>();
  readonly #identityListeners = new Set<experimental.IdentityCertificateUpdateListener>();
  readonly #timer: NodeJS.Timeout;
  #contents: Contents;
  #isFailing = false;

  /** Throws `invalid_request`, which names the file, when one cannot be used. */
  constructor(paths: TlsPaths, logger: RpcLogger, pollMs = POLL_MS) {
    this.#paths = paths;
    this.#logger = logger;
    this.#contents = read(paths);
    this.#timer = setInterval(() => this.#look(), pollMs);
    this.#timer.unref();
  }

  addCaCertificateListener(listener: experimental.CaCertificateUpdateListener): void {
    this.#caListeners.add(listener);
    // A server looks for news only once it has added its listener.
    process.nextTick(() => listener(this.#contents));
  }

  removeCaCertificateListener(listener: experimental.CaCertificateUpdateListener): void {
    this.#caListeners.delete(listener);
  }

  addIdentityCertificateListener(listener: experimental.IdentityCertificateUpdateListener): void {
    this.#identityListeners.add(listener);
    process.nextTick(() => listener(this.#contents));
  }

  removeIdentityCertificateListener(
    listener: experimental.IdentityCertificateUpdateListener,
  ): void {
    this.#identityListeners.delete(listener);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    let contents: Contents;
    try {
      contents = read(this.#paths);
    } catch (error) {
      if (!this.#isFailing) {
        this.#logger.error({ err: error }, "new certificates cannot be used; the old ones stay");
      }
      this.#isFailing = true;
      return;
    }
    this.#isFailing = false;
    if (!isSame(contents, this.#contents)) {
      this.#contents = contents;
      this.#logger.info({}, "certificates changed; new connections use them");
      this.#caListeners.forEach((listener) => void listener(contents));
      this.#identityListeners.forEach((listener) => void listener(contents));
    }
  }
}

function read({ cert, key, ca }: TlsPaths): Contents {
  const certificate = readNamed("GRPC_TLS_CERT", cert, parseCertificate);
  const privateKey = readNamed("GRPC_TLS_KEY", key, createPrivateKey);
  const caCertificate = readNamed("GRPC_TLS_CA", ca, parseCertificate);
  if (!parseCertificate(certificate).checkPrivateKey(createPrivateKey(privateKey))) {
    throw refuse("GRPC_TLS_KEY", "is not the key of GRPC_TLS_CERT");
  }
  try {
    createSecureContext({ cert: certificate, key: privateKey, ca: caCertificate });
  } catch (error) {
    throw refuse("GRPC_TLS_CERT", "cannot be used with GRPC_TLS_KEY and GRPC_TLS_CA", error);
  }
  return { certificate, privateKey, caCertificate };
}

function readNamed(name: string, path: string, parse: (pem: Buffer) => unknown): Buffer {
  let pem: Buffer;
  try {
    pem = readFileSync(path);
  } catch (error) {
    throw refuse(name, `cannot be read (${(error as NodeJS.ErrnoException).code})`, error);
  }
  try {
    parse(pem);
  } catch (error) {
    throw refuse(name, "holds no PEM of its kind", error);
  }
  return pem;
}

function parseCertificate(pem: Buffer): X509Certificate {
  return new X509Certificate(pem);
}

function refuse(name: string, reason: string, cause?: unknown): AppError {
  const text = `${name}: the file ${reason}; mount the certificate's Secret whole.`;
  return new AppError("invalid_request", text, { param: name, cause });
}

function isSame(one: Contents, other: Contents): boolean {
  return (
    one.certificate.equals(other.certificate) &&
    one.privateKey.equals(other.privateKey) &&
    one.caCertificate.equals(other.caCertificate)
  );
}
