/**
 * What one chat request may hold. The limits are far beyond real use and bound the work that a
 * hostile body can cause; the size of the body itself is the HTTP server's limit.
 */
export interface RequestLimits {
  /** A million-token context filled with messages of 100 tokens each. */
  readonly messagesMax: number;
  /** Content parts of one message: pages, frames, retrieved passages. */
  readonly partsMax: number;
  /** Several MCP servers' tools at once. */
  readonly toolsMax: number;
  /** Parallel calls of one assistant message. */
  readonly toolCallsMax: number;
  readonly modelsMax: number;
  /** Slugs in each list of `provider`. */
  readonly providersMax: number;
  /** Objects and arrays inside each other, anywhere in the body. */
  readonly depthMax: number;
}

export const defaultLimits: RequestLimits = {
  messagesMax: 10_000,
  partsMax: 4_096,
  toolsMax: 1_024,
  toolCallsMax: 1_024,
  modelsMax: 16,
  providersMax: 128,
  depthMax: 64,
};
