import { readFileSync, statSync } from "node:fs";
import type { Provider } from "@fairlead/catalog";
import { needsCredential } from "@fairlead/catalog";

/** A key file is one line; anything larger is the wrong file. */
const FILE_BYTES_MAX = 16 * 1024;

export type Environment = Readonly<Record<string, string | undefined>>;

/** `missing`: calls would be refused. An undefined value means that none is needed. */
export type Credential =
  | { readonly isMissing: false; readonly value: string | undefined }
  | { readonly isMissing: true; readonly reason: string };

/**
 * Where provider keys come from: a file named by the operator, else the environment names of the
 * catalog, each of which may also stand as NAME_FILE. Values never leave this process.
 */
export class CredentialSource {
  readonly #environment: Environment;
  readonly #files = new Set<string>();
  #seen = "";

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  resolve(definition: Provider): Credential {
    if (definition.credentialFile !== undefined) {
      return this.#readFile(definition.credentialFile);
    }
    for (const name of definition.envNames) {
      const value = this.#environment[name]?.trim();
      if (value) {
        return { isMissing: false, value };
      }
      const path = this.#environment[`${name}_FILE`];
      if (path) {
        return this.#readFile(path);
      }
    }
    return needsCredential(definition)
      ? { isMissing: true, reason: `set ${definition.envNames.join(" or ")}` }
      : { isMissing: false, value: undefined };
  }

  /** Whether a file that was read has changed, appeared or gone since the last time asked. */
  hasChanged(): boolean {
    const now = [...this.#files].map(describeFile).join("|");
    const isChanged = now !== this.#seen;
    this.#seen = now;
    return isChanged;
  }

  #readFile(path: string): Credential {
    this.#files.add(path);
    try {
      const bytes = readFileSync(path);
      const value = bytes.length > FILE_BYTES_MAX ? "" : bytes.toString("utf8").trim();
      return value === ""
        ? { isMissing: true, reason: `${path} holds no key` }
        : { isMissing: false, value };
    } catch {
      return { isMissing: true, reason: `${path} cannot be read` };
    }
  }
}

/** Never throws: it is asked from a timer, and a path may become unreadable at any time. */
function describeFile(path: string): string {
  try {
    const { ino, mtimeNs, size } = statSync(path, { bigint: true });
    return `${ino}:${mtimeNs}:${size}`;
  } catch {
    return "absent";
  }
}
