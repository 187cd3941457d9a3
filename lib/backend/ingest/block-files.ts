import { randomUUID } from 'node:crypto'
import { open, readdir, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { makeDirectory } from '../../export/make-directory.ts'
import type { EmbeddedSession } from '../../store/embedded-session.ts'
import { NATIVE_SETTINGS } from '../../store/engine-settings.ts'
import { quoteName, settingsText } from '../../store/sql-names.ts'
import type { RowBlock } from '../rows/row-block.ts'

const WHOLE = '.native'
/** Numbers of columns and of rows, as a block begins. */
const HEAD_BYTES = 10

/** A file in which a block waits to be inserted. */
export interface BlockFile {
  readonly table: string
  readonly path: string
}

/**
 * Brings blocks into tables by way of files: the engine takes bytes that are no text from nowhere else, and a block that was written
 * whole survives the end of the process.
 */
export class BlockFiles {
  readonly #directory: string
  readonly #database: string

  private constructor (directory: string, database: string) {
    this.#directory = directory
    this.#database = database
  }

  /** @param directory of this process alone; made where it is missing */
  static async open (directory: string, database: string): Promise<BlockFiles> {
    await makeDirectory(directory, 0o700)
    return new BlockFiles(directory, database)
  }

  /** Files that an earlier process left; those that it did not write whole are removed. */
  async left (): Promise<BlockFile[]> {
    const names = (await readdir(this.#directory)).sort()
    await Promise.all(names.filter(name => !name.endsWith(WHOLE)).map(async name => { await rm(join(this.#directory, name), { recursive: true }) }))
    return names.filter(name => name.endsWith(WHOLE)).map(name => ({ table: name.slice(0, name.indexOf('-')), path: join(this.#directory, name) }))
  }

  async write (block: RowBlock): Promise<BlockFile> {
    const path = join(this.#directory, `${block.table}-${randomUUID()}${WHOLE}`)
    const unfinished = `${path}.part`
    const file = await open(unfinished, 'wx', 0o600)
    try {
      try {
        const parts = block.native()
        const length = parts.reduce((sum, { byteLength }) => sum + byteLength, 0)
        // A disk that becomes full takes a part, and says so with the next write only.
        const { bytesWritten } = await file.writev(parts)
        if (bytesWritten !== length) throw new Error(`the disk took ${bytesWritten} of ${length} bytes`)
      } finally {
        await file.close()
      }
      await rename(unfinished, path)
    } catch (problem) {
      await rm(unfinished, { force: true })
      throw problem
    }
    return { table: block.table, path }
  }

  /** How many rows a file says that it has; 0 of one that is too short to say. */
  async rowsOf ({ path }: BlockFile): Promise<number> {
    const file = await open(path)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
      const columns = varint(buffer, 0)
      const rows = varint(buffer, columns.end)
      return rows.end > bytesRead ? 0 : rows.value
    } finally {
      await file.close()
    }
  }

  /** Inserts a file's rows and removes it. Doing so again, after a process died in between, adds no row twice. */
  async insert (session: EmbeddedSession, { table, path }: BlockFile): Promise<void> {
    const settings = {
      ...NATIVE_SETTINGS,
      insert_deduplication_token: basename(path),
      // Telemetry of many days may come at once, from a file say.
      max_partitions_per_insert_block: 0
    }
    await session.run(`INSERT INTO ${quoteName(this.#database)}.${quoteName(table)} FROM INFILE '${path.replace(/[\\']/g, '\\$&')}' ` +
      `SETTINGS ${settingsText(settings)} FORMAT Native`)
    await this.remove({ table, path })
  }

  async remove ({ path }: BlockFile): Promise<void> {
    await rm(path, { force: true })
  }
}

function varint (bytes: Buffer, from: number): { value: number, end: number } {
  let value = 0
  let end = from
  for (let shift = 0, byte = 0x80; byte >= 0x80 && shift < 35; shift += 7, end++) {
    byte = bytes[end] ?? 0
    value += (byte & 0x7f) * 2 ** shift
  }
  return { value, end }
}
