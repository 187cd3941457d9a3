import type { SpoolConditions } from './conditions.ts'
import { SegmentReader, type PlacedRecord } from './segment-reader.ts'
import type { Segment } from './segment-name.ts'
import type { MeasuredSegment, SpoolDirectory } from './spool-directory.ts'

/** What a spool counts. */
export interface Tally {
  bytes: number
  segments: number
  droppedRecords: number
  droppedItems: number
  tornSegments: number
}

/** A segment that is held, and being read. */
export interface Delivery {
  readonly segment: Segment
  readonly reader: SegmentReader
}

export interface SpoolLimits {
  /** Bytes of all segments of all processes. */
  readonly maxBytes: number
  /** Bytes after which a segment is sealed. */
  readonly segmentBytes: number
}

/** Takes segments of a directory, to deliver them or, oldest first, to make room. */
export class SpoolSegments {
  readonly #directory: SpoolDirectory
  readonly #limits: SpoolLimits
  readonly #conditions: SpoolConditions
  readonly #tally: Tally
  readonly #report: (problem: string) => void
  /** Stems of segments that cannot be taken, read or removed, and when (of the steady clock) to try again. */
  readonly #aside = new Map<string, number>()

  constructor (directory: SpoolDirectory, limits: SpoolLimits, conditions: SpoolConditions, tally: Tally, report: (problem: string) => void) {
    this.#directory = directory
    this.#limits = limits
    this.#conditions = conditions
    this.#tally = tally
    this.#report = report
  }

  /** @throws when the directory cannot be listed */
  async look (): Promise<MeasuredSegment[]> {
    const segments = await this.#directory.measure()
    this.#tally.bytes = sum(segments.map(({ bytes }) => bytes))
    this.#tally.segments = segments.length
    return segments
  }

  /**
   * @param writing the stem of the segment that is being written: it is left alone
   * @returns the segment whose records are next, held; undefined when there is none
   * @throws when the directory cannot be listed
   */
  async takeOldest (writing: string | undefined): Promise<Delivery | undefined> {
    for (const segment of await this.#directory.deliverable(await this.look())) {
      if (segment.stem === writing || this.#isAside(segment)) continue
      const delivery = await this.#take(segment)
      if (delivery !== undefined) return delivery
    }
    return undefined
  }

  /** @returns the next record that is not acknowledged; undefined when the segment is done with, and removed */
  async peek (delivery: Delivery): Promise<PlacedRecord | undefined> {
    const { segment, reader } = delivery
    try {
      const found = await reader.peek()
      if (typeof found === 'object') return found
      if (found === 'torn') {
        this.#tally.tornSegments += 1
        this.#report(`spool segment ${segment.stem} is torn at byte ${reader.position} of ${reader.bytes}: what was written behind that is lost`)
      }
      await this.finish(delivery)
    } catch (problem) {
      await reader.close()
      await this.#setAside(segment, problem)
    }
    return undefined
  }

  /** Writes down that everything before the reader's position is acknowledged. */
  async persist ({ reader }: Delivery): Promise<void> {
    try {
      await reader.persist()
    } catch (problem) {
      this.#report(`an acknowledgement cannot be written to the spool (${reason(problem)}): after a crash its record is sent again`)
    }
  }

  /** Removes a segment of which nothing is needed any more. */
  async finish (delivery: Delivery): Promise<void> {
    const { segment, reader } = delivery
    try {
      await this.#directory.remove(segment)
      this.#tally.bytes -= reader.bytes
      this.#tally.segments -= 1
    } catch (problem) {
      reader.step(reader.bytes)
      await this.persist(delivery)
      await this.#setAside(segment, problem, Infinity)
    }
    await reader.close()
  }

  /**
   * Drops the oldest segments that nobody writes or delivers until there is room for a segment of this many bytes.
   * @returns whether there is
   * @throws when the directory cannot be listed
   */
  async makeRoom (bytes: number): Promise<boolean> {
    for (;;) {
      const segments = await this.look()
      if (await this.#reserved(segments) + bytes <= this.#limits.maxBytes) return true
      const oldest = await this.#oldestIdle(segments)
      if (oldest === undefined) return false
      await this.#drop(oldest)
    }
  }

  /** Bytes in use, and those that segments being written will come to. */
  async #reserved (segments: readonly MeasuredSegment[]): Promise<number> {
    return sum(await Promise.all(segments.map(async ({ bytes, state, holder }) =>
      state === 'open' && await this.#directory.lives(holder) ? Math.max(bytes, this.#limits.segmentBytes) : bytes)))
  }

  async #oldestIdle (segments: readonly MeasuredSegment[]): Promise<Segment | undefined> {
    for (const segment of segments) {
      if (!this.#isAside(segment) && await this.#directory.isIdle(segment)) return segment
    }
    return undefined
  }

  async #drop (segment: Segment): Promise<void> {
    const delivery = await this.#take(segment)
    if (delivery === undefined) return
    try {
      const { records, items } = await delivery.reader.countRest()
      this.#tally.droppedRecords += records
      this.#tally.droppedItems += items
    } finally {
      await this.finish(delivery)
    }
  }

  async #take (segment: Segment): Promise<Delivery | undefined> {
    let held: Segment | undefined
    try {
      held = await this.#directory.take(segment)
      return held && { segment: held, reader: await SegmentReader.open(this.#directory.pathOf(held)) }
    } catch (problem) {
      await this.#setAside(held ?? segment, problem)
      return undefined
    }
  }

  #isAside ({ stem }: Segment): boolean {
    return this.#conditions.elapsed() < (this.#aside.get(stem) ?? -Infinity)
  }

  async #setAside (segment: Segment, problem: unknown, until = this.#conditions.elapsed() + this.#conditions.retryMs): Promise<void> {
    this.#aside.set(segment.stem, until)
    this.#report(`a spool segment is left alone for now: ${reason(problem)}`)
    if (segment.state === 'held') await this.#directory.release(segment).catch(() => {})
  }
}

/** The code of a file system's problem: its message names a file, and so never is the same twice. */
export function reason (problem: unknown): string {
  const { code, message } = problem as NodeJS.ErrnoException
  return code ?? message
}

function sum (numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
