/** How an endpoint stands, best first. Bands order candidates; they never exclude one. */
export const healthBand = {
  normal: 0,
  /** Uptime below 95 % over five minutes. */
  degraded: 1,
  /** An outage in the last 30 seconds, uptime below 80 %, or a rate limit that is in force. */
  outage: 2,
  /** The breaker is not closed. */
  ejected: 3,
} as const;

export type HealthBand = (typeof healthBand)[keyof typeof healthBand];
