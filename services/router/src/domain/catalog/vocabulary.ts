import { modalityVocabulary, parameterVocabulary } from "@fairlead/catalog";

/** Both spellings of the same limit. */
const sameParameter: Readonly<Record<string, string>> = { max_completion_tokens: "max_tokens" };

const parameterBits = new Map(
  parameterVocabulary.map((name) => {
    const spelled = sameParameter[name] ?? name;
    return [name as string, 1 << (parameterVocabulary as readonly string[]).indexOf(spelled)];
  }),
);

const modalityBits = new Map(modalityVocabulary.map((name, bit) => [name as string, 1 << bit]));

/** Capabilities as a set of bits. Names outside the vocabulary are no capability and count 0. */
export function parameterMask(names: readonly string[]): number {
  let mask = 0;
  for (const name of names) {
    mask |= parameterBits.get(name) ?? 0;
  }
  return mask;
}

/** As `parameterMask`; undefined when a modality is unknown, which no endpoint can serve. */
export function modalityMask(names: readonly string[]): number | undefined {
  let mask = 0;
  for (const name of names) {
    const bit = modalityBits.get(name);
    if (bit === undefined) {
      return undefined;
    }
    mask |= bit;
  }
  return mask;
}

/** Those of the names whose bit is set in the mask. */
export function namesIn(mask: number, names: readonly string[]): string[] {
  return names.filter((name) => ((parameterBits.get(name) ?? 0) & mask) !== 0);
}
