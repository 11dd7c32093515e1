// Structured logs: JSON lines on stderr, so that the start banner on stdout stays readable. Every process makes one root logger.
// It must never write personal data or a token: log ids, codes and counts, never bodies, headers or names.

import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino';

import type { Config } from './config.ts';

export type Logger = PinoLogger;

/** Where a secret could come along in an object that somebody logs as it is. */
const secretFields = ['authorization', 'cookie', 'token', 'password', 'privateKey'];
const secretPaths = secretFields.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]);

/** Written synchronously: the last line before a crash is the one that is needed. */
const standardError = (): DestinationStream => pino.destination({ fd: 2, sync: true });

export function createLogger(config: Pick<Config, 'logLevel'>, destination: DestinationStream = standardError()): Logger {
  return pino(
    {
      level: config.logLevel,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secretPaths, censor: '[redacted]' },
    },
    destination,
  );
}

/** The logger of one component: every line carries its name. */
export function componentLogger(logger: Logger, component: string): Logger {
  return logger.child({ component });
}
