/** How long a download is waited for. Milliseconds. */
export interface Patience {
  readonly connectMs: number
  /** Without a byte. */
  readonly stallMs: number
  /** For everything, attempts and waits between them included. */
  readonly totalMs: number
  /** One after the other that brought no byte. */
  readonly attempts: number
  readonly firstRetryMs: number
  readonly maxRetryMs: number
}

export const PATIENCE: Patience = Object.freeze({
  connectMs: 10_000,
  stallMs: 30_000,
  totalMs: 30 * 60_000,
  attempts: 5,
  firstRetryMs: 500,
  maxRetryMs: 15_000
})
