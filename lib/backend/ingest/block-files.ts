import { randomUUID } from 'node:crypto'
import { open, readdir, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { makeDirectory } from '../../export/make-directory.ts'
import type { EmbeddedSession } from '../../store/embedded-session.ts'
import { NATIVE_SETTINGS } from '../../store/engine-settings.ts'
import { quoteName, settingsText } from '../../store/sql-names.ts'
import type { RowBlock } from '../rows/row-block.ts'

const WHOLE = '.native'

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
      await file.writev(block.native())
    } finally {
      await file.close()
    }
    await rename(unfinished, path)
    return { table: block.table, path }
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
