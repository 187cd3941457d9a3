/**
 * Who may touch a segment stands in its file name, and a rename changes it: the file system makes that a
 * compare-and-swap, which works on a full disk too and leaves no lock behind that two could break at once.
 */
export interface Segment {
  /** Creation and maker: `<time>-<sequence>-<owner>`. Sorted as text, stems are in the order the segments were made. */
  readonly stem: string
  /** Logical milliseconds: the wall clock, except that it never stands still or goes back (see `SpoolDirectory`). */
  readonly time: number
  /** The owner file's name (see `owner.ts`) of who made it. */
  readonly owner: string
  /** `open`: being written by its owner. `sealed`: complete. `held`: being delivered or dropped by `holder`. */
  readonly state: 'open' | 'sealed' | 'held'
  /** Who may touch it now, whoever made it. Undefined: anyone who takes it first (when sealed). */
  readonly holder: string | undefined
}

const TIME_DIGITS = 15
/** The end of the year 9999. A later time in a name counts as this one, so that numbers do not run out. */
const TIME_MAX = 253_402_300_799_999
const SEQUENCE_DIGITS = 8
const OWNER = String.raw`\d+_[0-9a-f]+_[0-9a-f]+_[0-9a-f]+`
const SEGMENT_FILE = new RegExp(String.raw`^((\d{${TIME_DIGITS}})-\d{${SEQUENCE_DIGITS},}-(${OWNER}))\.(open|sealed|held-(${OWNER}))$`)
const OWNER_FILE = new RegExp(String.raw`^(${OWNER})\.owner$`)

/** The time of the next segment, later than `latest` as long as there is a later one. */
export function timeAfter (latest: number, now: number): number {
  const next = Math.max(latest + 1, now)
  return next <= TIME_MAX ? next : Math.min(now, TIME_MAX)
}

export function openSegment (time: number, sequence: number, owner: string): Segment {
  const stem = `${String(time).padStart(TIME_DIGITS, '0')}-${String(sequence).padStart(SEQUENCE_DIGITS, '0')}-${owner}`
  return { stem, time, owner, state: 'open', holder: owner }
}

export function sealed (segment: Segment): Segment {
  return { ...segment, state: 'sealed', holder: undefined }
}

export function heldBy (segment: Segment, holder: string): Segment {
  return { ...segment, state: 'held', holder }
}

export function segmentFile ({ stem, state, holder }: Segment): string {
  return `${stem}.${state === 'held' ? `held-${holder}` : state}`
}

/** @returns undefined when the file is no segment */
export function parseSegmentFile (file: string): Segment | undefined {
  const match = SEGMENT_FILE.exec(file)
  if (match === null) return undefined
  const [, stem, time, owner, state, holder] = match as unknown as [string, string, string, string, string, string | undefined]
  const segment: Segment = { stem, time: Math.min(Number(time), TIME_MAX), owner, state: 'open', holder: owner }
  if (state === 'open') return segment
  return holder === undefined ? sealed(segment) : heldBy(segment, holder)
}

export function ownerFile (owner: string): string {
  return `${owner}.owner`
}

/** @returns the owner; undefined when the file is no owner file */
export function parseOwnerFile (file: string): string | undefined {
  return OWNER_FILE.exec(file)?.[1]
}
