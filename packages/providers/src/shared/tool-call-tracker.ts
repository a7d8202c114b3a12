import type { ToolCallDelta } from "@fairlead/openai";

/** What a provider says of a call in one event; "" = not said. */
export interface ToolCallFragment {
  /** The provider's own position, when it gives one. */
  readonly index: number | undefined;
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

interface TrackedCall {
  readonly index: number;
  id: string;
  isNamed: boolean;
}

const callsMax = 1_024;

/**
 * Gives tool-call deltas the one public form: `index` always, `id`, `type` and name once, text
 * fragments after that. Providers differ: no index, one index for all, whole calls at once.
 */
export class ToolCallTracker {
  readonly #generationId: string;
  readonly #choiceIndex: number;
  readonly #calls: TrackedCall[] = [];
  readonly #byUpstreamIndex = new Map<number, TrackedCall>();

  constructor(generationId: string, choiceIndex: number) {
    this.#generationId = generationId;
    this.#choiceIndex = choiceIndex;
  }

  get count(): number {
    return this.#calls.length;
  }

  /** Undefined when the fragment adds nothing. */
  add(fragment: ToolCallFragment): ToolCallDelta | undefined {
    const known = this.#find(fragment);
    const call = known ?? this.#open(fragment);
    const name = !call.isNamed && fragment.name !== "" ? fragment.name : undefined;
    if (name !== undefined) {
      call.isNamed = true;
    }
    if (known !== undefined && name === undefined && fragment.arguments === "") {
      return undefined;
    }
    const body =
      name === undefined
        ? { arguments: fragment.arguments }
        : { name, arguments: fragment.arguments };
    return known === undefined
      ? { index: call.index, id: call.id, type: "function", function: body }
      : { index: call.index, function: body };
  }

  #find(fragment: ToolCallFragment): TrackedCall | undefined {
    const { index, id } = fragment;
    const call =
      index === undefined ? this.#findWithoutIndex(fragment) : this.#byUpstreamIndex.get(index);
    // Another id at a known place is another call: some vendors number every call 0.
    return call !== undefined && id !== "" && id !== call.id ? this.#findById(id) : call;
  }

  #findWithoutIndex(fragment: ToolCallFragment): TrackedCall | undefined {
    if (fragment.id !== "") {
      return this.#findById(fragment.id);
    }
    const last = this.#calls.at(-1);
    return last?.isNamed === true && fragment.name !== "" ? undefined : last;
  }

  #findById(id: string): TrackedCall | undefined {
    return this.#calls.find((call) => call.id === id);
  }

  #open(fragment: ToolCallFragment): TrackedCall {
    const index = this.#calls.length;
    if (index >= callsMax) {
      throw new RangeError("too many tool calls");
    }
    const id = fragment.id === "" ? this.#makeId(index) : fragment.id;
    const call = { index, id, isNamed: false };
    this.#calls.push(call);
    if (fragment.index !== undefined) {
      this.#byUpstreamIndex.set(fragment.index, call);
    }
    return call;
  }

  /** Unique in the conversation, since the generation's id is in it. */
  #makeId(index: number): string {
    return makeToolCallId(this.#generationId, this.#choiceIndex, index);
  }
}

/** For providers that give calls no id. */
export function makeToolCallId(generationId: string, choiceIndex: number, index: number): string {
  const unique = generationId.slice(-20).replace(/[^A-Za-z0-9]/g, "");
  return `call_${unique}_${choiceIndex === 0 ? "" : `${choiceIndex}_`}${index}`;
}
