import type { SpoolRecord } from './record-format.ts'

/** A record that waits on disk. */
export interface SpooledRecord extends SpoolRecord {
  /** Of its items, how many from its beginning on the receiver has. */
  readonly done: number
  /** The receiver has so many: written down at once, as {@link acknowledge} is. Never rejects. */
  acknowledgeFirst (items: number): Promise<void>
  /**
   * The receiver has it: it is never given again, also not after a crash from then on. Never rejects.
   * Calling it twice, or after `close()`, does nothing.
   */
  acknowledge (): Promise<void>
}

export interface SpoolStats {
  /** Bytes of all segments in the directory, as last seen. */
  readonly bytes: number
  /** Segment files in the directory, as last seen. */
  readonly segments: number
  /** Records this spool dropped to keep the limit, whoever wrote them, and those of its own that somebody removed while it wrote. */
  readonly droppedRecords: number
  /** Spans, metric data points and log records in them. */
  readonly droppedItems: number
  /** Segments that did not end with a whole record. */
  readonly tornSegments: number
  /** Whether the last try to use the disk failed. */
  readonly memoryOnly: boolean
}

export interface SpoolOptions {
  /** Made when it does not exist, for its owner alone. */
  readonly directory: string
  /** Bytes that all processes sharing the directory may fill; the oldest segments make room. */
  readonly maxBytes: number
  /** Bytes after which a segment is sealed, a quarter of `maxBytes` at most. @default 4 MiB */
  readonly segmentBytes?: number
  /** Told each distinct problem once, in words without a record's content. */
  readonly onProblem: (problem: string) => void
}

/** Bytes after which a segment is sealed, unless an option says otherwise. */
export const SEGMENT_BYTES = 4 * 1024 * 1024
