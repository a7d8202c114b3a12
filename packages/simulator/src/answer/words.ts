/** The made-up answer: some umlauts and an emoji, so that bytes and characters differ. */
const WORDS = (
  "The simulated model answers with plain words, one for each token, so that every event can be " +
  "counted. Größe, café and 🚀 make sure that bytes and characters differ. "
)
  .trim()
  .split(" ");

/** The n-th unit of a made-up text. */
export function wordAt(index: number): string {
  const word = WORDS[index % WORDS.length] ?? "";
  return index === 0 ? word : ` ${word}`;
}
