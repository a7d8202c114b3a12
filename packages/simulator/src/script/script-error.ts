/** A script that cannot be understood. Answered as 400, so that a typo never passes for a test. */
export class ScriptError extends Error {
  override readonly name = "ScriptError";
}
