import { AppError } from "@fairlead/errors";

/** A second signal that comes sooner after the first one is the same, passed on twice. */
const SAME_SIGNAL_MS = 500;

/**
 * Calls `stop` on Ctrl-C, SIGTERM, the end of the terminal, and when the process that started this
 * one is gone. `force` is called when the person insists.
 */
export function onStopSignal(stop: (reason: string) => void, force: () => void): void {
  let stoppedAt: number | undefined;
  const receive = (reason: string) => {
    if (stoppedAt === undefined) {
      stoppedAt = performance.now();
      stop(reason);
    } else if (performance.now() - stoppedAt > SAME_SIGNAL_MS) {
      force();
    }
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => receive(signal));
  }
  // The channel to bootstrap.mjs: it closes however that process ends.
  process.on("disconnect", () => receive("the process that started this one is gone"));
  // The channel alone must not keep the process running.
  process.channel?.unref();
}

/** What people can act on is a sentence; anything else comes with its stack. */
export function describeError(error: unknown): string {
  if (error instanceof AppError) {
    return error.message;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
