import { AdapterService } from "@fairlead/proto/adapter/v1/adapter";
import type { Link } from "@fairlead/rpc";

const TIMEOUT_MS = 2_000;

/** The worker behind `link` need not bill these itself. Nobody hears whether it was told. */
export function acknowledgeUsage(link: Link, generationIds: string[]): void {
  link.open(
    AdapterService.method.acknowledgeUsage,
    { generationIds },
    { timeoutMs: TIMEOUT_MS, isControl: true },
    { message: ignore, end: ignore },
  );
}

function ignore(): void {}
