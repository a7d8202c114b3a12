/** Plain numbers that the hot path counts; metrics read them when they are collected. */
export class LinkStats {
  framesIn = 0;
  framesOut = 0;
  bytesIn = 0;
  bytesOut = 0;
  batchesIn = 0;
  batchesOut = 0;
  /** Streams that broke, as opposed to those that ended. */
  resets = 0;
  /** Streams opened after the first. */
  reconnects = 0;
  /** Calls refused or ended because a queue or a table was full. */
  overflows = 0;
  openCalls = 0;
  queueBytes = 0;
  /** Of the last answered ping. */
  pingRoundTripMs = 0;
}
