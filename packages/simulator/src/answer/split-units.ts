const WORD = /\S+/g;
const ARGUMENT_CHARACTERS = 12;

/** Splits text into words with the blanks before them; joined again they are the text. */
export function splitWords(text: string): readonly string[] {
  const units: string[] = [];
  let start = 0;
  for (const { index, 0: word } of text.matchAll(WORD)) {
    units.push(text.slice(start, index + word.length));
    start = index + word.length;
  }
  const rest = text.slice(start);
  if (rest !== "") {
    units.push((units.pop() ?? "") + rest);
  }
  return units;
}

/** Splits the JSON of tool arguments into fragments, as models stream it; never inside a pair. */
export function splitArguments(json: string): readonly string[] {
  const fragments: string[] = [];
  let start = 0;
  while (start < json.length) {
    let end = Math.min(json.length, start + ARGUMENT_CHARACTERS);
    const last = json.charCodeAt(end - 1);
    const isHighSurrogate = last >= 0xd800 && last <= 0xdbff;
    end += isHighSurrogate ? 1 : 0;
    fragments.push(json.slice(start, end));
    start = end;
  }
  return fragments;
}
