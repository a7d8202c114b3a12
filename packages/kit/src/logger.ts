import { type Logger, pino } from "pino";

export type { Logger } from "pino";

/** JSON lines on stdout. Messages are constant texts; what varies is in the fields. */
export function createLogger(options: { service: string; level: string }): Logger {
  return pino({
    level: options.level,
    base: { service: options.service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { error: pino.stdSerializers.errWithCause },
    redact: {
      paths: [
        "authorization",
        "*.authorization",
        "key",
        "*.key",
        "apiKey",
        "*.apiKey",
        "password",
        "*.password",
      ],
      censor: "[redacted]",
    },
  });
}
