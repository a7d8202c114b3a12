import {
  type ChannelCredentials,
  type ChannelOptions,
  experimental,
  type ServerCredentials,
} from "@grpc/grpc-js";
import type { RpcLogger } from "../log.ts";
import { CertificateFiles, type TlsPaths } from "./certificate-files.ts";

/** Who is called: its certificate must be for `<service>.fairlead.internal`. */
export type ServiceName = "adapter" | "ledger" | "prober" | "router";

/** To be spread into the options of `createClient`, `createLink` and `createRpcServer`. */
export interface RpcSecurity {
  readonly server: { readonly credentials?: ServerCredentials };
  client(service: ServiceName): ClientSecurity;
  close(): void;
}

export interface ClientSecurity {
  readonly credentials?: ChannelCredentials;
  readonly channelOptions?: ChannelOptions;
}

const plaintext: RpcSecurity = {
  server: {},
  client: () => ({}),
  close: () => undefined,
};

/**
 * Mutual TLS with the certificates of these files, or plaintext without them. Servers refuse
 * clients without a certificate of the same CA. Clients check that a server's certificate is for
 * the stable name of the service: workers are called at their pods' addresses, which no
 * certificate can name. Throws `invalid_request` for files that cannot be used.
 */
export function openRpcSecurity(
  paths: TlsPaths | undefined,
  options: { readonly logger: RpcLogger; readonly pollMs?: number },
): RpcSecurity {
  if (paths === undefined) {
    return plaintext;
  }
  const files = new CertificateFiles(paths, options.logger, options.pollMs);
  const {
    createCertificateProviderChannelCredentials,
    createCertificateProviderServerCredentials,
  } = experimental;
  const credentials = createCertificateProviderChannelCredentials(files, files);
  return {
    server: { credentials: createCertificateProviderServerCredentials(files, files, true) },
    client: (service) => ({
      credentials,
      channelOptions: { "grpc.ssl_target_name_override": `${service}.fairlead.internal` },
    }),
    close: () => files.close(),
  };
}
