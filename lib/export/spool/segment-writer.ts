import { open, type FileHandle } from 'node:fs/promises'
import { recordBytes, recordHead, segmentHead, SEGMENT_HEAD_BYTES, type SpoolRecord } from './record-format.ts'

/** The segment a process appends to. */
export class SegmentWriter {
  /** Bytes of the file. */
  bytes = SEGMENT_HEAD_BYTES
  records = 0
  /** Spans, points and log records in it. */
  items = 0
  readonly #file: FileHandle

  private constructor (file: FileHandle) {
    this.#file = file
  }

  /**
   * Makes the file, which must not exist.
   * @throws what the file system says; then the file may be there, without records
   */
  static async create (path: string): Promise<SegmentWriter> {
    const file = await open(path, 'wx', 0o600)
    try {
      await writeAll(file, [segmentHead()], 0)
    } catch (problem) {
      await file.close()
      throw problem
    }
    return new SegmentWriter(file)
  }

  /**
   * Resolves when the record is with the operating system.
   * @throws what the file system says, ENOENT when somebody removed the file; nothing of the record is left behind then
   */
  async append (record: SpoolRecord): Promise<void> {
    try {
      await writeAll(this.#file, [recordHead(record), record.body], this.bytes)
    } catch (problem) {
      // What cannot be cut off is a tear to who reads it.
      await this.#file.truncate(this.bytes).catch(() => {})
      throw problem
    }
    // Bytes written to a file without a name are gone with the process.
    if ((await this.#file.stat()).nlink === 0) throw Object.assign(new Error('the segment was removed'), { code: 'ENOENT' })
    this.bytes += recordBytes(record)
    this.records += 1
    this.items += record.count
  }

  /** Never rejects: what a file system tells only here (NFS does) nobody could act upon. */
  async close (): Promise<void> {
    await this.#file.close().catch(() => {})
  }
}

/** A regular file takes less than all only when there is no room for the rest. */
async function writeAll (file: FileHandle, parts: readonly Uint8Array[], position: number): Promise<void> {
  const wanted = parts.reduce((bytes, part) => bytes + part.byteLength, 0)
  const { bytesWritten } = await file.writev([...parts], position)
  if (bytesWritten < wanted) throw Object.assign(new Error('no room for the whole record'), { code: 'ENOSPC' })
}
