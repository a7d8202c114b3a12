import type { BaseConfig } from "./config.ts";

/** The files of mutual TLS between the services; undefined = plaintext. */
export function grpcTls(
  config: BaseConfig,
): { readonly cert: string; readonly key: string; readonly ca: string } | undefined {
  const { GRPC_TLS_CERT: cert, GRPC_TLS_KEY: key, GRPC_TLS_CA: ca } = config;
  // loadConfig sees to it that none is set alone.
  return cert === undefined || key === undefined || ca === undefined
    ? undefined
    : { cert, key, ca };
}

/** The files of TLS to NATS; undefined = as the address and the server have it. */
export function natsTls(config: BaseConfig):
  | {
      readonly caFile: string;
      readonly certFile: string | undefined;
      readonly keyFile: string | undefined;
    }
  | undefined {
  const { NATS_TLS_CA: caFile, NATS_TLS_CERT: certFile, NATS_TLS_KEY: keyFile } = config;
  return caFile === undefined ? undefined : { caFile, certFile, keyFile };
}
