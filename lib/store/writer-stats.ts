/** Rows that were lost, by why. */
export interface DroppedRows {
  /** More waited than `maxRows` or `maxBytes`. */
  readonly queue_full: number
  /** The engine will never take them. */
  readonly rejected: number
  /** The spool was full, and the oldest made room; also those of other processes that share it. */
  readonly spool_full: number
  /** They could not be turned into JSON. */
  readonly invalid: number
  /** `close()` had no time left, and there was no disk to leave them on. */
  readonly shutdown: number
}

/** What became of rows, since the store was opened. */
export interface WriterStats {
  readonly written: number
  /** In memory, or being written. */
  readonly waiting: number
  /** Inserts that failed and may work later. */
  readonly failedInserts: number
  /** Rows that went to the disk. */
  readonly spooled: number
  /** Rows on the disk that failed again and again, and were put behind all others; each time counts. */
  readonly setAside: number
  /** Bytes on the disk that wait. */
  readonly spoolBytes: number
  readonly dropped: DroppedRows
}

/** {@link WriterStats} as it is counted. */
export interface WriterCounts {
  written: number
  failedInserts: number
  spooled: number
  setAside: number
  dropped: { queue_full: number, rejected: number, invalid: number, shutdown: number }
}

/** Of a store that there is not. */
export const NOTHING_WRITTEN: WriterStats = Object.freeze({
  ...newCounts(), waiting: 0, spoolBytes: 0, dropped: Object.freeze({ ...newCounts().dropped, spool_full: 0 })
})

export function newCounts (): WriterCounts {
  return { written: 0, failedInserts: 0, spooled: 0, setAside: 0, dropped: { queue_full: 0, rejected: 0, invalid: 0, shutdown: 0 } }
}
