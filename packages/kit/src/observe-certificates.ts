import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { metrics } from "@opentelemetry/api";

const certificateSetting = /_TLS_(CERT|CA)$/;
const pemBlock = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * Reports when the certificates of each configured file expire, read anew at each scrape: the
 * first of the file's, in Unix seconds, or 0 for a file that cannot be read.
 */
export function observeCertificates(config: Readonly<Record<string, unknown>>): void {
  const files = Object.entries(config).filter(
    (entry): entry is [string, string] =>
      certificateSetting.test(entry[0]) && typeof entry[1] === "string",
  );
  metrics
    .getMeter("fairlead.kit")
    .createObservableGauge("fairlead.tls.certificate.expiry", {
      description: "When the first certificate of a file expires, Unix time",
      unit: "s",
    })
    .addCallback((result) => {
      for (const [setting, path] of files) {
        result.observe(readExpirySeconds(path), { setting });
      }
    });
}

/** Unix seconds; 0 when the file cannot be read or holds no certificate. */
export function readExpirySeconds(path: string): number {
  try {
    const blocks = readFileSync(path, "utf8").match(pemBlock) ?? [];
    const ends = blocks.map((pem) => new X509Certificate(pem).validToDate.getTime() / 1_000);
    return ends.length === 0 ? 0 : Math.min(...ends);
  } catch {
    return 0;
  }
}
