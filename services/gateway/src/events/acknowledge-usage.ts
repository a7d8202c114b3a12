import type { AppError } from "@fairlead/errors";
import { AdapterService } from "@fairlead/proto/adapter/v1/adapter";
import type { Link } from "@fairlead/rpc";

const TIMEOUT_MS = 2_000;

/** The worker behind `link` need not bill these itself. `done` hears whether it was told. */
export function acknowledgeUsage(
  link: Link,
  generationIds: string[],
  done: (error: AppError | undefined) => void = ignore,
): void {
  link.open(
    AdapterService.method.acknowledgeUsage,
    { generationIds },
    { timeoutMs: TIMEOUT_MS, isControl: true },
    { message: ignore, end: done },
  );
}

function ignore(): void {}
