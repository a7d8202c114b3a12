import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { imageTag } from "./support/images.ts";
import { kubectl, listObjects } from "./support/kubectl.ts";
import { Release, runHelm, umbrella } from "./support/release.ts";
import { hasCluster, step } from "./support/step.ts";
import { waitUntil } from "./support/wait-until.ts";

const PASSWORD = "not-for-any-log";
/** Long enough for a Job to say what it waits for. */
const TIMEOUT = "25s";
const kinds = [
  ...["deployments", "statefulsets", "jobs", "services", "hpa", "pdb", "networkpolicies"],
  ...["serviceaccounts", "roles", "rolebindings", "configmaps", "secrets", "pvc"],
].join(",");
/** Secrets outlive their release: the data that they open is kept too. */
const keptSecrets = ["Secret fairlead-keys", "Secret fairlead-postgres"];

describe.skipIf(!hasCluster)("an install that cannot work", () => {
  let release: Release;

  beforeEach(async () => {
    release = await Release.create("fairlead-refusals");
  });

  afterEach(async () => {
    await release[Symbol.asyncDispose]();
  });

  it("names a Secret that is missing, and installs nothing", async () => {
    const error = await install("global.keyPepper.secretName=nowhere");
    expect(error).toMatch(
      /global\.keyPepper names the Secret "nowhere", which is not in the namespace "fairlead-refusals": create it there first/,
    );
    expect(await runHelm(["list", "--all", "--short", "-n", release.namespace])).toBe("");
    expect(await listOurs()).toEqual([]);
  });

  it("says in the Job's log that no Postgres answers at the address, and not its password", async () => {
    const url = `postgres://fairlead:${PASSWORD}@fairlead-nowhere:5432/fairlead`;
    const target = ["secret", "generic", "own-postgres", "-n", release.namespace];
    await kubectl(["create", ...target, `--from-literal=url=${url}`]);
    const error = await step("refusals: wrong Postgres", () =>
      install(
        "global.postgres.bundled=false",
        "global.postgres.urlSecret.name=own-postgres",
        "global.postgres.peers[0].podSelector.matchLabels.app=nobody",
      ),
    );
    expect(error).toMatch(/pre-install/);
    const log = await kubectl(["logs", "-n", release.namespace, "job/fairlead-migrate"]);
    expect(log).toMatch(/no Postgres answers at fairlead-nowhere:5432/);
    expect(log).not.toContain(PASSWORD);
    expect(error).not.toContain(PASSWORD);
    await uninstall();
    // Whose log says why. Kubernetes removes it after an hour.
    expect(await listOurs()).toEqual(["Job fairlead-migrate"]);
  });

  it("says what a namespace forbids, and `helm uninstall` removes what was begun", async () => {
    const quota = ["quota", "few", "-n", release.namespace, "--hard=services=1"];
    await kubectl(["create", ...quota]);
    const error = await step("refusals: a quota", () => install());
    expect(error).toMatch(/forbidden: exceeded quota: few/);
    await uninstall();
    expect(await listOurs()).toEqual(keptSecrets);
  });

  /** Resolves with what Helm says of its failure. */
  async function install(...values: readonly string[]): Promise<string> {
    const sets = [`global.image.tag=${imageTag}`, ...values].flatMap((value) => ["--set", value]);
    return await release.helm("install", umbrella, "--wait", "--timeout", TIMEOUT, ...sets).then(
      () => expect.fail("it was installed"),
      (error: unknown) => String(error),
    );
  }

  async function uninstall(): Promise<void> {
    await release.helm("uninstall", "--wait", "--timeout", "60s");
    // The pods of a Job stay with it, for their logs. Postgres's image does not hear that it is to
    // end while it makes its first files, and has a grace of 60 s; the others have 15 minutes.
    const pods = "app.kubernetes.io/part-of=fairlead,!batch.kubernetes.io/job-name";
    await waitUntil(async () => (await listObjects(release.namespace, "pods", pods)).length === 0, {
      what: "no pod left",
      timeoutMs: 90_000,
    });
  }

  async function listOurs(): Promise<string[]> {
    return await listObjects(release.namespace, kinds);
  }
});
