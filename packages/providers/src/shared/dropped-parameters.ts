/** Public names whose fields stand and fall together. */
const families: Readonly<Record<string, readonly string[]>> = {
  reasoning: ["reasoning", "reasoning_effort", "include_reasoning"],
  tools: ["tools", "tool_choice", "parallel_tool_calls"],
  logprobs: ["logprobs", "top_logprobs"],
};

/** Never left out for being unsupported: without them the request would be another one. */
const essential: ReadonlySet<string> = new Set([
  "messages",
  "model",
  "stream",
  "max_tokens",
  "max_completion_tokens",
]);

/** A request may hold a million fields that nobody knows: the report names the first of them. */
const namesMax = 32;
/** The report leaves as a header, so a name that no parameter has does not enter it. */
const reportable = /^[\w.-]{1,64}$/;

/**
 * Which parameters of a request are left out, and the report of it. Nothing is dropped silently: a
 * name enters the report, as far as it has room, when it was in the request and was asked for.
 */
export class DroppedParameters {
  readonly names: string[] = [];
  readonly #unsupported = new Set<string>();

  constructor(...lists: (readonly string[] | undefined)[]) {
    for (const list of lists) {
      for (const name of list ?? []) {
        for (const field of families[name] ?? [name]) {
          if (!essential.has(field)) {
            this.#unsupported.add(field);
          }
        }
      }
    }
  }

  /** Whether the field is to be left out; tells the report if so. */
  drops(name: string): boolean {
    if (!this.#unsupported.has(name)) {
      return false;
    }
    this.add(name);
    return true;
  }

  isUnsupported(name: string): boolean {
    return this.#unsupported.has(name);
  }

  add(name: string): void {
    if (this.names.length < namesMax && reportable.test(name) && !this.names.includes(name)) {
      this.names.push(name);
    }
  }
}
