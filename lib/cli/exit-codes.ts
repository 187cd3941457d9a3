/** What the process says about how it ended; documented in docs/cli.md. */
export const EXIT = {
  DONE: 0,
  /** The store refused or failed, or a check of doctor did. */
  FAILED: 1,
  /** An alert rule fires; nothing else ends `alerts check` with it. */
  FIRING: 1,
  /** The command line or the environment cannot work. */
  USAGE: 2,
  /** The store or the collector cannot be reached, opened or run, or a port is in use. */
  UNAVAILABLE: 3,
  /** A backup is not what it was when it was made. */
  DIFFERENT: 4
} as const

export type ExitCode = typeof EXIT[keyof typeof EXIT]

const CODES: ReadonlyArray<readonly [pattern: RegExp, exit: ExitCode]> = [
  [/^LETTA_OTEL_(?:STORE_)?(?:INVALID|UNKNOWN|RETENTION)_/, EXIT.USAGE],
  [/^LETTA_OTEL_COLLECTOR_(?:(?:UNKNOWN|INVALID|SEVERAL)_CONFIGURATIONS?|UNSUPPORTED_PLATFORM|CANNOT_START)$/, EXIT.USAGE],
  [/^LETTA_OTEL_(?:STORE_(?:UNAVAILABLE|ENGINE_MISSING|TOO_NEW|NOT_MIGRATED|NO_ANSWER)|PORT_IN_USE)$/, EXIT.UNAVAILABLE],
  [/^LETTA_OTEL_COLLECTOR_(?:UNAVAILABLE|UNUSABLE)$/, EXIT.UNAVAILABLE]
]

/** The exit code for an error with such a code. */
export function exitCodeOf (code: string): ExitCode {
  return CODES.find(([pattern]) => pattern.test(code))?.[1] ?? EXIT.FAILED
}
