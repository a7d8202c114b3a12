import { expect, it } from "vitest";
import { explainCertificate } from "./explain-certificate.ts";

it.each([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "CERT_HAS_EXPIRED",
  "ERR_TLS_CERT_ALTNAME_INVALID",
])("repeats what is wrong with a certificate (%s)", (code) => {
  expect(explainCertificate(Object.assign(new Error("the reason"), { code }))).toBe("the reason");
});

it("says nothing of what is no matter of certificates", () => {
  const refused = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
  for (const error of [refused, new Error("CERT"), "CERT", undefined]) {
    expect(explainCertificate(error)).toBeUndefined();
  }
});
