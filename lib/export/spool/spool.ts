import { remedyOf } from '../disk-remedy.ts'
import { CONDITIONS, type SpoolConditions } from './conditions.ts'
import { recordBytes, SEGMENT_HEAD_BYTES, type SpoolRecord } from './record-format.ts'
import type { Segment } from './segment-name.ts'
import { SegmentWriter } from './segment-writer.ts'
import { SpoolDirectory } from './spool-directory.ts'
import { SEGMENT_BYTES, type SpooledRecord, type SpoolOptions, type SpoolStats } from './spool-options.ts'
import { reason, SpoolSegments, type Delivery, type SpoolLimits, type Tally } from './spool-segments.ts'

export type { Signal, SpoolRecord } from './record-format.ts'
export type { SpooledRecord, SpoolOptions, SpoolStats } from './spool-options.ts'

/** So that a problem that never says the same twice cannot fill the memory. */
const PROBLEMS_MAX = 100

interface Home {
  readonly directory: SpoolDirectory
  readonly segments: SpoolSegments
}

/**
 * Parcels on disk, until a receiver has them. Several processes may use one directory: each delivers its own, and what
 * dead ones left behind is delivered by one of the living. A record survives the end of its process, not a power failure.
 */
export class Spool {
  readonly #options: SpoolOptions
  readonly #limits: SpoolLimits
  readonly #conditions: SpoolConditions
  readonly #tally: Tally = { bytes: 0, segments: 0, droppedRecords: 0, droppedItems: 0, tornSegments: 0 }
  readonly #problems = new Set<string>()
  readonly #heartbeat: NodeJS.Timeout
  #home: Home | undefined
  #writing: { readonly segment: Segment, readonly writer: SegmentWriter } | undefined
  #delivery: Delivery | undefined
  /** When, of the steady clock, the disk last refused. */
  #refusedAt: number | undefined
  #closed = false
  #lastTurn: Promise<unknown> = Promise.resolve()

  private constructor (options: SpoolOptions, conditions: SpoolConditions) {
    const { maxBytes, segmentBytes = SEGMENT_BYTES } = options
    this.#options = options
    this.#limits = { maxBytes, segmentBytes: Math.min(segmentBytes, Math.floor(maxBytes / 4)) }
    this.#conditions = conditions
    this.#heartbeat = setInterval(() => { void this.#inTurn(async () => { await this.#beat() }) }, conditions.heartbeatMs).unref()
  }

  /** Never rejects: a directory that cannot be used gives a spool whose `append` returns false until it can be. */
  static async open (options: SpoolOptions, conditions: Partial<SpoolConditions> = {}): Promise<Spool> {
    const spool = new Spool(options, { ...CONDITIONS, ...conditions })
    await spool.#inTurn(async () => await spool.#enter())
    return spool
  }

  /**
   * Keeps a record behind all others of this process. Never rejects.
   * @returns whether it is with the operating system; if not, it is still the caller's
   */
  async append (record: SpoolRecord): Promise<boolean> {
    return await this.#inTurn(async () => await this.#append(record))
  }

  /**
   * The oldest record that is not acknowledged: what dead processes left behind comes first, in the order it was written.
   * The same is given again until it is acknowledged. Never rejects.
   * @returns undefined when nothing waits that this process may deliver
   */
  async next (): Promise<SpooledRecord | undefined> {
    return await this.#inTurn(async () => await this.#next())
  }

  get stats (): SpoolStats {
    return { ...this.#tally, memoryOnly: this.#refusedAt !== undefined }
  }

  /** Leaves what is not acknowledged to the next process, or to another that shares the directory. Never rejects. */
  async close (): Promise<void> {
    await this.#inTurn(async () => {
      this.#closed = true
      clearInterval(this.#heartbeat)
      await this.#leave()
    })
  }

  /** One thing at a time, in the order it was asked for. */
  async #inTurn<T> (work: () => Promise<T>): Promise<T> {
    const turn = this.#lastTurn.then(work)
    this.#lastTurn = turn.catch(() => {})
    return await turn
  }

  async #enter (): Promise<Home | undefined> {
    if (this.#home !== undefined || this.#closed || this.#isResting()) return this.#home
    let directory: SpoolDirectory | undefined
    try {
      directory = await SpoolDirectory.enter(this.#options.directory, this.#conditions)
      await directory.reap()
      const segments = new SpoolSegments(directory, this.#limits, this.#conditions, this.#tally, problem => { this.#report(problem) })
      await segments.look()
      this.#home = { directory, segments }
      return this.#home
    } catch (problem) {
      await directory?.leave()
      await this.#refuse(problem)
      return undefined
    }
  }

  async #append (record: SpoolRecord): Promise<boolean> {
    const bytes = recordBytes(record)
    if (SEGMENT_HEAD_BYTES + bytes > this.#limits.maxBytes) {
      this.#report(`a record is larger than the spool may be (${this.#limits.maxBytes} bytes): it stays in memory`)
      return false
    }
    const home = await this.#enter()
    if (home === undefined || this.#isResting()) return false
    try {
      const writer = await this.#writerFor(home, bytes)
      await writer.append(record)
    } catch (problem) {
      await this.#refuse(problem)
      return false
    }
    this.#tally.bytes += bytes
    this.#refusedAt = undefined
    return true
  }

  /** @throws when no segment can be made */
  async #writerFor (home: Home, bytes: number): Promise<SegmentWriter> {
    const { segmentBytes } = this.#limits
    if (this.#writing !== undefined && this.#writing.writer.bytes + bytes > segmentBytes) await this.#seal(home)
    if (this.#writing !== undefined) return this.#writing.writer
    if (!await home.segments.makeRoom(Math.max(segmentBytes, SEGMENT_HEAD_BYTES + bytes))) throw new Error('it is full of segments in use')
    const segment = home.directory.nextSegment()
    try {
      const writer = await SegmentWriter.create(home.directory.pathOf(segment))
      this.#writing = { segment, writer }
      this.#tally.bytes += writer.bytes
      this.#tally.segments += 1
      return writer
    } catch (problem) {
      await home.directory.remove(segment).catch(() => {})
      throw problem
    }
  }

  /** Ends the segment being written. */
  async #seal ({ directory }: Home): Promise<void> {
    if (this.#writing === undefined) return
    const { segment, writer } = this.#writing
    this.#writing = undefined
    await writer.close()
    if (writer.records === 0) return await directory.remove(segment).catch(() => {})
    // A segment that cannot be renamed keeps its name, and is delivered under it.
    const kept = await directory.release(segment).catch(() => segment)
    if (kept !== undefined) return
    this.#tally.droppedRecords += writer.records
    this.#tally.droppedItems += writer.items
  }

  async #next (): Promise<SpooledRecord | undefined> {
    const home = await this.#enter()
    if (home === undefined) return undefined
    try {
      for (;;) {
        const delivery = this.#delivery ??= await this.#oldest(home)
        if (delivery === undefined) return undefined
        const found = await home.segments.peek(delivery)
        if (found !== undefined) {
          const { end, ...record } = found
          return {
            ...record,
            acknowledge: async () => { await this.#inTurn(async () => { await this.#acknowledge(home, delivery, end) }) },
            acknowledgeFirst: async items => { await this.#inTurn(async () => { await this.#acknowledgeFirst(home, delivery, end, items) }) }
          }
        }
        this.#delivery = undefined
      }
    } catch (problem) {
      await this.#refuse(problem)
      return undefined
    }
  }

  async #oldest (home: Home): Promise<Delivery | undefined> {
    const oldest = await home.segments.takeOldest(this.#writing?.segment.stem)
    if (oldest !== undefined || this.#writing === undefined) return oldest
    await this.#seal(home)
    return await home.segments.takeOldest(undefined)
  }

  async #acknowledge ({ segments }: Home, delivery: Delivery, end: number): Promise<void> {
    if (this.#delivery !== delivery || delivery.reader.position >= end) return
    delivery.reader.step(end)
    if (end < delivery.reader.bytes) return await segments.persist(delivery)
    this.#delivery = undefined
    await segments.finish(delivery)
  }

  async #acknowledgeFirst ({ segments }: Home, delivery: Delivery, end: number, items: number): Promise<void> {
    if (this.#delivery !== delivery || delivery.reader.position >= end) return
    delivery.reader.stepWithin(items)
    await segments.persist(delivery)
  }

  /** Without a sign of life, other machines and threads would take this owner for dead. */
  async #beat (): Promise<void> {
    await this.#home?.directory.touch().catch(async problem => { if (problem.code === 'ENOENT') await this.#refuse(problem) })
  }

  async #refuse (problem: unknown): Promise<void> {
    this.#report(`spool directory ${this.#options.directory} cannot be used (${reason(problem)}): telemetry waits in memory only${remedyOf(problem)}`)
    this.#refusedAt = this.#conditions.elapsed()
    // The directory was removed, or somebody signed us out: start anew.
    if ((problem as NodeJS.ErrnoException).code === 'ENOENT') await this.#leave()
    else if (this.#home !== undefined) await this.#seal(this.#home)
  }

  async #leave (): Promise<void> {
    const home = this.#home
    if (home === undefined) return
    await this.#seal(home)
    await this.#delivery?.reader.close()
    if (this.#delivery !== undefined) await home.directory.release(this.#delivery.segment).catch(() => {})
    this.#delivery = undefined
    this.#home = undefined
    await home.directory.leave()
  }

  #isResting (): boolean {
    return this.#refusedAt !== undefined && this.#conditions.elapsed() - this.#refusedAt < this.#conditions.retryMs
  }

  #report (problem: string): void {
    if (this.#problems.has(problem) || this.#problems.size >= PROBLEMS_MAX) return
    this.#problems.add(problem)
    this.#options.onProblem(problem)
  }
}
