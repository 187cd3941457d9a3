/** Clocks and patience of a spool; tests set their own. */
export interface SpoolConditions {
  /** The wall clock, milliseconds since 1970; may jump. */
  readonly now: () => number
  /** A clock in milliseconds that never goes back. */
  readonly elapsed: () => number
  /** Milliseconds without a try after the disk refused. */
  readonly retryMs: number
  /** Milliseconds between two signs of life. */
  readonly heartbeatMs: number
  /** Milliseconds without a sign of life after which an owner whose process cannot be looked at counts as dead. */
  readonly silenceMs: number
}

export const CONDITIONS: SpoolConditions = Object.freeze({
  now: () => Date.now(),
  elapsed: () => performance.now(),
  retryMs: 10_000,
  heartbeatMs: 5_000,
  silenceMs: 30_000
})
