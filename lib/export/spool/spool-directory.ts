import { open, readdir, rename, stat, unlink, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { makeDirectory } from '../make-directory.ts'
import type { SpoolConditions } from './conditions.ts'
import { newOwner, Owners } from './owner.ts'
import { heldBy, openSegment, ownerFile, parseOwnerFile, parseSegmentFile, sealed, segmentFile, timeAfter, type Segment } from './segment-name.ts'

/** A segment and the bytes of its file. */
export interface MeasuredSegment extends Segment {
  readonly bytes: number
}

/**
 * The directory as one owner sees it: the names in it, and who may take which segment.
 * Every method but `leave` throws what the file system says.
 */
export class SpoolDirectory {
  readonly owner: string
  readonly #path: string
  readonly #conditions: SpoolConditions
  readonly #owners: Owners
  /** The latest time in a segment's name, ours or another's; times only grow from it, also when the clock is put back. */
  #latest = 0
  #sequence = 0

  private constructor (path: string, owner: string, conditions: SpoolConditions) {
    this.owner = owner
    this.#path = path
    this.#conditions = conditions
    this.#owners = new Owners(path, owner, conditions)
  }

  /** Makes the directory where needed and signs in: from then on no other process takes what this one writes. */
  static async enter (path: string, conditions: SpoolConditions): Promise<SpoolDirectory> {
    await makeDirectory(path, 0o700)
    const directory = new SpoolDirectory(path, await newOwner(), conditions)
    await (await open(directory.#in(ownerFile(directory.owner)), 'wx', 0o600)).close()
    return directory
  }

  /** Signs out: what is left belongs to whoever takes it. */
  async leave (): Promise<void> {
    await this.#remove(ownerFile(this.owner)).catch(() => {})
  }

  /** Gives a sign of life. */
  async touch (): Promise<void> {
    const now = new Date()
    await utimes(this.#in(ownerFile(this.owner)), now, now)
  }

  /** All segments, oldest first. */
  async measure (): Promise<MeasuredSegment[]> {
    this.#owners.forget()
    const segments = (await readdir(this.#path)).sort().map(parseSegmentFile).filter(segment => segment !== undefined)
    this.#latest = Math.max(this.#latest, ...segments.map(({ time }) => time))
    const measured = await Promise.all(segments.map(async segment => {
      const bytes = await stat(this.pathOf(segment)).then(({ size }) => size, goneIs(undefined))
      return bytes === undefined ? undefined : { ...segment, bytes }
    }))
    return measured.filter(segment => segment !== undefined)
  }

  /** Removes the owner files of the dead. */
  async reap (): Promise<void> {
    for (const owner of (await readdir(this.#path)).map(parseOwnerFile)) {
      if (owner !== undefined && !await this.#owners.lives(owner)) await this.#remove(ownerFile(owner))
    }
  }

  /** The name of the next segment this owner makes: later than any this directory was seen to have. */
  nextSegment (): Segment {
    this.#latest = timeAfter(this.#latest, this.#conditions.now())
    return openSegment(this.#latest, this.#sequence++, this.owner)
  }

  /** Of these, what this owner may deliver, in the order to do so: what the dead left behind, then its own. */
  async deliverable<T extends Segment> (segments: readonly T[]): Promise<T[]> {
    const left: T[] = []
    const own: T[] = []
    for (const segment of segments) {
      const mine = segment.owner === this.owner
      if (!mine && await this.lives(segment.owner)) continue
      if (segment.state === 'held' && await this.lives(segment.holder)) continue
      (mine ? own : left).push(segment)
    }
    return [...left, ...own]
  }

  /** Whether nobody writes this segment or delivers it. */
  async isIdle ({ holder }: Segment): Promise<boolean> {
    return holder === undefined || !await this.lives(holder)
  }

  async lives (owner: string | undefined): Promise<boolean> {
    return owner !== undefined && await this.#owners.lives(owner)
  }

  /** @returns the segment, now held by this owner; undefined when another was faster */
  async take (segment: Segment): Promise<Segment | undefined> {
    return await this.#rename(segment, heldBy(segment, this.owner))
  }

  /** Lets go of a segment that this owner wrote or holds. */
  async release (segment: Segment): Promise<Segment | undefined> {
    return await this.#rename(segment, sealed(segment))
  }

  async remove (segment: Segment): Promise<void> {
    await this.#remove(segmentFile(segment))
  }

  pathOf (segment: Segment): string {
    return this.#in(segmentFile(segment))
  }

  async #rename (from: Segment, to: Segment): Promise<Segment | undefined> {
    return await rename(this.pathOf(from), this.pathOf(to)).then(() => to, goneIs(undefined))
  }

  async #remove (file: string): Promise<void> {
    await unlink(this.#in(file)).catch(goneIs(undefined))
  }

  #in (file: string): string {
    return join(this.#path, file)
  }
}

/** Another process may be faster with any file; everything else that goes wrong is thrown on. */
function goneIs<T> (value: T): (problem: NodeJS.ErrnoException) => T {
  return problem => {
    if (problem.code === 'ENOENT') return value
    throw problem
  }
}
