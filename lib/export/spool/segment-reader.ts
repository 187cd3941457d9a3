import { open, type FileHandle } from 'node:fs/promises'
import {
  acknowledgement, isIntact, readRecordHead, readSegmentHead, RECORD_HEAD_BYTES, SEGMENT_HEAD_BYTES, VERSION, type SpoolRecord
} from './record-format.ts'

/** A record and where it ends in its segment. */
export interface PlacedRecord extends SpoolRecord {
  readonly end: number
  /** Items from its beginning on that are acknowledged. */
  readonly done: number
}

/** Reads a segment that nobody writes to any more, a record at a time. */
export class SegmentReader {
  /** Bytes of the file. */
  readonly bytes: number
  /** Where the first record starts that is not acknowledged. */
  #position: number
  /** Of that one, the items that are. */
  #done: number
  #ahead: PlacedRecord | undefined
  readonly #file: FileHandle

  private constructor (file: FileHandle, bytes: number, position: number, done: number) {
    this.#file = file
    this.bytes = bytes
    this.#position = position
    this.#done = done
  }

  /** @throws what the file system says; an error when the segment is of a later version */
  static async open (path: string): Promise<SegmentReader> {
    const file = await open(path, 'r+')
    try {
      const { size } = await file.stat()
      const head = readSegmentHead(await readPart(file, 0, SEGMENT_HEAD_BYTES))
      if (head !== undefined && head.version !== VERSION) throw new Error(`it is of version ${head.version}, this process knows ${VERSION}`)
      return new SegmentReader(file, size, head?.start ?? 0, head?.items ?? 0)
    } catch (problem) {
      await file.close()
      throw problem
    }
  }

  /** Where reading got to, in bytes. */
  get position (): number {
    return this.#position
  }

  /** @returns the first record that is not acknowledged; `end` when there is none, `torn` when what follows is no whole record */
  async peek (): Promise<PlacedRecord | 'end' | 'torn'> {
    if (this.#ahead !== undefined) return this.#ahead
    // A process that died right after making the file leaves it empty.
    if (this.#position === this.bytes) return 'end'
    const found = await this.#head(this.#position)
    if (found === undefined) return 'torn'
    const { head, signal, count, length, end } = found
    const body = await readPart(this.#file, end - length, length)
    if (body.length < length || !isIntact(head, body)) return 'torn'
    this.#ahead = { signal, count, body, end, done: this.#done }
    return this.#ahead
  }

  /** Steps over the record that ends at `end`. */
  step (end: number): void {
    this.#position = end
    this.#done = 0
    this.#ahead = undefined
  }

  /** Steps over the first items of the record that is next. */
  stepWithin (done: number): void {
    this.#done = done
    if (this.#ahead !== undefined) this.#ahead = { ...this.#ahead, done }
  }

  /** Writes down that everything before here is acknowledged. In place, so that it takes no room on a full disk. */
  async persist (): Promise<void> {
    const { position, bytes } = acknowledgement(this.#position, this.#done)
    await this.#file.write(bytes, 0, bytes.length, position)
  }

  /** Records and items that are not acknowledged, by their heads alone. */
  async countRest (): Promise<{ readonly records: number, readonly items: number }> {
    let records = 0
    let items = -this.#done
    for (let found = await this.#head(this.#position); found !== undefined; found = await this.#head(found.end)) {
      records += 1
      items += found.count
    }
    return { records, items: Math.max(items, 0) }
  }

  /** @returns undefined when no record can start here */
  async #head (position: number) {
    if (position < SEGMENT_HEAD_BYTES || position + RECORD_HEAD_BYTES > this.bytes) return undefined
    const head = await readPart(this.#file, position, RECORD_HEAD_BYTES)
    if (head.length < RECORD_HEAD_BYTES) return undefined
    const { signal, count, length } = readRecordHead(head)
    const end = position + RECORD_HEAD_BYTES + length
    return signal === undefined || end > this.bytes ? undefined : { head, signal, count, length, end }
  }

  /** Never rejects: what a file system tells only here (NFS does) nobody could act upon. */
  async close (): Promise<void> {
    await this.#file.close().catch(() => {})
  }
}

/** @returns fewer bytes than asked for where the file ends */
async function readPart (file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, position)
  return buffer.subarray(0, bytesRead)
}
