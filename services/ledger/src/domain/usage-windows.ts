const DAY_MS = 86_400_000;
const DAYS_OF_WEEK = 7;
/** 1970-01-01 was a Thursday: three days after a Monday. */
const EPOCH_WEEKDAY = 3;

/**
 * First days, counted from 1970-01-01, of the UTC day, week (from Monday) and month of a moment.
 */
export interface UsageWindows {
  readonly day: number;
  readonly week: number;
  readonly month: number;
}

/** The windows that "usage today, this week, this month" mean. */
export function usageWindows(nowMs: number): UsageWindows {
  const day = Math.floor(nowMs / DAY_MS);
  const week = day - ((day + EPOCH_WEEKDAY) % DAYS_OF_WEEK);
  const month = day - (new Date(nowMs).getUTCDate() - 1);
  return { day, week, month };
}
