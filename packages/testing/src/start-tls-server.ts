import {
  type ServerCertificate,
  startNats as startNatsHere,
  startPostgres as startPostgresHere,
} from "@fairlead/local";

export interface TlsServer {
  /** Its certificate has to be for `localhost`. */
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** A NATS server that takes clients by TLS only. */
export async function startTlsNats(certificate: ServerCertificate): Promise<TlsServer> {
  // By number: its client tries all addresses of a name in any order, and tells of the last one.
  // For a number, it checks the certificate for `localhost`.
  const server = await startNatsHere({ certificate });
  return { url: server.url, port: Number(new URL(server.url).port), stop: () => server.stop() };
}

/** A PostgreSQL server that offers TLS. */
export async function startTlsPostgres(certificate: ServerCertificate): Promise<TlsServer> {
  const server = await startPostgresHere({ certificate });
  const url = new URL(server.url);
  url.hostname = "localhost";
  return { url: url.href, port: Number(url.port), stop: () => server.stop() };
}
