import type { Engine } from '../store/engine.ts'
import { quoteName } from '../store/sql-names.ts'
import { TIME_COLUMNS } from '../store/table-status.ts'

/** How often the size is looked at. */
const EVERY_MS = 60_000
/** Part of the allowed size that is left when a day has to be cut: less would have it cut again a moment later. */
const LEFT = 0.8

interface Partition {
  readonly table: string
  readonly id: string
  /** The first day that it may have rows of. */
  readonly start: string
  /** The last day that it may have rows of. */
  readonly day: string
  readonly isDay: boolean
  readonly bytes: number
}

/** Of most tables a partition is a day; of one it is a week. Of rollups it is a month, and small: they are left to their age. */
const PARTITIONS = `
  SELECT table, partition_id AS id, partition AS start, partition_key NOT LIKE '%Week%' AS isDay, if(isDay, partition, toString(toDate(partition) + 6)) AS day, sum(bytes_on_disk) AS bytes
  FROM system.parts AS parts
  INNER JOIN (SELECT name, partition_key FROM system.tables WHERE database = {database:String}) AS tables ON tables.name = parts.table
  WHERE database = {database:String} AND active AND match(partition, '^[0-9]{4}-[0-9]{2}-[0-9]{2}$')
  GROUP BY table, id, start, isDay, day
  ORDER BY day`
const SIZE = 'SELECT sum(bytes_on_disk) AS bytes FROM system.parts WHERE database = {database:String} AND active'

const DAY_MS = 24 * 3_600_000

/** What a database takes on the disk. */
export interface StoredSize {
  readonly bytes: number
  /** Of these, what is not deleted by size: rollups, tables without days, and rows of days that have not come yet. */
  readonly restBytes: number
}

async function look (engine: Engine): Promise<StoredSize & { readonly partitions: readonly Partition[] }> {
  const { database } = engine
  const [size] = await engine.query<{ bytes: string }>(SIZE, { database })
  // A clock may be ahead by a zone; a row of the year 2099 must not make all others the oldest.
  const tomorrow = new Date(Date.now() + DAY_MS).toISOString().slice(0, 10)
  const partitions = (await engine.query<Partition>(PARTITIONS, { database }))
    .map(partition => ({ ...partition, bytes: Number(partition.bytes) })).filter(({ start }) => start <= tomorrow)
  const bytes = Number(size?.bytes ?? 0)
  return { partitions, bytes, restBytes: Math.max(0, partitions.reduce((rest, partition) => rest - partition.bytes, bytes)) }
}

export async function sizeOf (engine: Engine): Promise<StoredSize> {
  const { bytes, restBytes } = await look(engine)
  return { bytes, restBytes }
}

/**
 * Deletes the oldest rows until what can be deleted has at most so many bytes on the disk: whole days, and of the last one rows of its
 * largest table. (By age, the tables delete rows themselves.)
 *
 * @returns words about what was deleted
 */
export async function prune (engine: Engine, maxBytes: number): Promise<string[]> {
  const { partitions, bytes: all, restBytes } = await look(engine)
  let bytes = all - restBytes
  if (bytes <= maxBytes) return []
  const days = partitions.filter(({ isDay }) => Boolean(isDay))
  const lastDay = days.at(-1)?.day ?? ''
  const deleted: string[] = []
  for (const { table, id, day, bytes: freed } of partitions) {
    if (bytes <= maxBytes || day >= lastDay) break
    await engine.command(`ALTER TABLE ${nameOf(engine, table)} DROP PARTITION ID '${id.replace(/\W/g, '')}'`)
    bytes -= freed
    deleted.push(`${table}: ${day}`)
  }
  const largest = days.filter(({ day }) => day === lastDay).sort((a, b) => b.bytes - a.bytes)[0]
  if (bytes > maxBytes && largest !== undefined) deleted.push(await cut(engine, largest.table, bytes - maxBytes * LEFT, largest.bytes))
  return deleted
}

/** Deletes the first rows of a table, as many as have about so many of its bytes. */
async function cut (engine: Engine, table: string, tooManyBytes: number, bytes: number): Promise<string> {
  const [time] = await engine.query<{ name: string }>(
    'SELECT name FROM system.columns WHERE database = {database:String} AND table = {table:String} AND has({times:Array(String)}, name) ORDER BY indexOf({times:Array(String)}, name) LIMIT 1',
    { database: engine.database, table, times: TIME_COLUMNS })
  const column = quoteName(time!.name)
  const share = Math.min(1, tooManyBytes / bytes)
  const [until] = await engine.query<{ until: string }>(`SELECT quantile(${share.toFixed(4)})(${column}) AS until FROM ${nameOf(engine, table)}`)
  await engine.command(`ALTER TABLE ${nameOf(engine, table)} DELETE WHERE ${column} <= '${until!.until}' SETTINGS mutations_sync = 1`)
  return `${table}: until ${until!.until}`
}

function nameOf (engine: Engine, table: string): string {
  return `${quoteName(engine.database)}.${quoteName(table)}`
}

/** Prunes now and then; never rejects. */
export class Pruning {
  readonly #timer: NodeJS.Timeout
  #running: Promise<void> | undefined
  #held = 0
  #saysRest = true

  constructor (engine: Engine, maxBytes: number, onProblem: (problem: string) => void) {
    this.#timer = setInterval(() => {
      if (this.#held > 0) return
      this.#running ??= this.#prune(engine, maxBytes, onProblem)
        .catch(problem => { onProblem(`the size cannot be kept: ${(problem as Error).message}`) })
        .finally(() => { this.#running = undefined })
    }, EVERY_MS).unref()
  }

  async #prune (engine: Engine, maxBytes: number, onProblem: (problem: string) => void): Promise<void> {
    const deleted = await prune(engine, maxBytes)
    if (deleted.length > 0) onProblem(`more than ${maxBytes} bytes are stored, and the oldest rows were deleted (${deleted.join('; ')})`)
    const { restBytes } = await sizeOf(engine)
    if (restBytes > maxBytes && this.#saysRest) {
      this.#saysRest = false
      onProblem(`${restBytes} bytes, more than the ${maxBytes} that are to be kept, are of tables without days or of days that have not come yet, which are not deleted by size`)
    }
  }

  /** Deletes nothing while something is done. */
  async during<T> (work: () => Promise<T>): Promise<T> {
    this.#held += 1
    try {
      await this.#running
      return await work()
    } finally {
      this.#held -= 1
    }
  }

  async close (): Promise<void> {
    clearInterval(this.#timer)
    await this.#running
  }
}
