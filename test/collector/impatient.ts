import type { Patience } from '../../lib/collector/patience.ts'

/** For tests: waits are short, and the number of attempts small. */
export const IMPATIENT: Patience = { connectMs: 1_000, stallMs: 300, totalMs: 20_000, attempts: 3, firstRetryMs: 1, maxRetryMs: 5 }
