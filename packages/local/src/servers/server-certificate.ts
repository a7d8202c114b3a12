/** What a server shows to its clients: PEM texts. */
export interface ServerCertificate {
  readonly cert: string;
  readonly key: string;
}
