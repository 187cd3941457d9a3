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
  readonly day: string
  readonly bytes: number
}

/** Of rollups a partition is a month, and small: they are left to their age. */
const PARTITIONS = `
  SELECT table, partition_id AS id, partition AS day, sum(bytes_on_disk) AS bytes
  FROM system.parts
  WHERE database = {database:String} AND active
  GROUP BY table, id, day
  ORDER BY day`
const DAY = /^\d{4}-\d\d-\d\d$/

/**
 * Deletes the oldest rows until the database has at most so many bytes on the disk: whole days, and of the last one rows of its
 * largest table. (By age, the tables delete rows themselves.)
 *
 * @returns words about what was deleted
 */
export async function prune (engine: Engine, maxBytes: number): Promise<string[]> {
  const partitions = (await engine.query<Partition>(PARTITIONS, { database: engine.database })).map(partition => ({ ...partition, bytes: Number(partition.bytes) }))
  let bytes = partitions.reduce((sum, partition) => sum + partition.bytes, 0)
  const days = partitions.filter(({ day }) => DAY.test(day))
  const lastDay = days.at(-1)?.day
  const deleted: string[] = []
  for (const { table, id, day, bytes: freed } of days) {
    if (bytes <= maxBytes || day === lastDay) break
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

  constructor (engine: Engine, maxBytes: number, onProblem: (problem: string) => void) {
    const look = (): void => {
      this.#running ??= prune(engine, maxBytes)
        .then(deleted => { if (deleted.length > 0) onProblem(`more than ${maxBytes} bytes are stored, and the oldest rows were deleted (${deleted.join('; ')})`) })
        .catch(problem => { onProblem(`the size cannot be kept: ${(problem as Error).message}`) })
        .finally(() => { this.#running = undefined })
    }
    this.#timer = setInterval(look, EVERY_MS).unref()
    look()
  }

  async close (): Promise<void> {
    clearInterval(this.#timer)
    await this.#running
  }
}
