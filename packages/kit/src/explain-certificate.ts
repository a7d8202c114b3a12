/** Names that OpenSSL and Node give to what is wrong with a certificate. */
const certificateCodes = /CERT|LEAF_SIGNATURE|INVALID_CA|INVALID_PURPOSE/;

/** Why TLS did not accept the certificate of a peer; undefined for every other error. */
export function explainCertificate(error: unknown): string | undefined {
  if (!(error instanceof Error)) {
    return undefined;
  }
  const code = "code" in error ? error.code : undefined;
  return typeof code === "string" && certificateCodes.test(code) ? error.message : undefined;
}
