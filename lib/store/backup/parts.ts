import type { Engine } from '../engine.ts'
import { everyReplica } from './cluster-text.ts'

/** One of the pieces that a table consists of. They never change: merges and inserts make others. */
export interface Part {
  readonly table: string
  /** As the servers' macro says, by which replicas know one another; '' where there are none. */
  readonly shard: string
  readonly partition: string
  /** Inserts are numbered within a partition; a part that came of a merge holds those from the first to the last. */
  readonly first: number
  readonly last: number
  readonly rows: number
  /** Of the checksums of its files: the same wherever the part was copied. */
  readonly hash: string
  /** Whether its rows are the table's; those of a part that was merged into another are not, and it goes after some minutes. */
  readonly isActive: boolean
}

/** All parts of a database's tables, on every server. */
export async function partsOf (engine: Engine, database: string): Promise<Part[]> {
  const rows = await engine.query<Record<'table' | 'shard' | 'partition' | 'hash' | 'first' | 'last' | 'rows', string> & { active: number }>(
    `SELECT table, partition_id AS partition, hash_of_all_files AS hash, min_block_number AS first, max_block_number AS last, rows, active,
      ${engine.cluster === undefined ? "''" : "getMacro('shard')"} AS shard
    FROM ${everyReplica(engine, 'system', 'parts')} WHERE database = {database:String}`, { database })
  return rows.map(({ first, last, rows, active, ...part }) => ({
    ...part, first: Number(first), last: Number(last), rows: Number(rows), isActive: active === 1
  }))
}

/** Parts that are no longer active stay for 8 minutes: none comes and goes unseen. */
const LOOK_MS = 60_000

/** Writes down which parts tables consist of while they are backed up, to tell later what the backup should hold. */
export class PartsWatch {
  readonly #engine: Engine
  readonly #first: readonly Part[]
  readonly #looks: Array<Promise<readonly Part[]>> = []
  readonly #timer: NodeJS.Timeout

  private constructor (engine: Engine, first: readonly Part[]) {
    this.#engine = engine
    this.#first = first
    this.#timer = setInterval(() => {
      const look = partsOf(engine, engine.database)
      // Where that failed, `seen()` says so.
      look.catch(() => {})
      this.#looks.push(look)
    }, LOOK_MS)
  }

  static async start (engine: Engine): Promise<PartsWatch> {
    return new PartsWatch(engine, await partsOf(engine, engine.database))
  }

  stop (): void {
    clearInterval(this.#timer)
  }

  /** What was there from the start until now. */
  async seen (): Promise<SeenParts> {
    const last = await partsOf(this.#engine, this.#engine.database)
    return new SeenParts(this.#first, [...this.#first, ...(await Promise.all(this.#looks)).flat(), ...last], last)
  }
}

/** Parts that were seen, by table. */
export class SeenParts {
  readonly #first: readonly Part[]
  readonly #all: readonly Part[]
  readonly #last: readonly Part[]

  constructor (first: readonly Part[], all: readonly Part[], last: readonly Part[]) {
    this.#first = first
    this.#all = all
    this.#last = last
  }

  /** Whether a table consists of others than at first. */
  hasMoved (table: string): boolean {
    const hashes = (parts: readonly Part[]): string => active(parts, table).map(({ shard, hash }) => `${shard} ${hash}`).sort().join()
    return hashes(this.#first) !== hashes(this.#last)
  }

  /** Whether these parts of a copy are the table's own, and hold all rows that it had at first. */
  areIn (table: string, copied: readonly Part[]): boolean {
    const own = this.#all.filter(part => part.table === table)
    const hashes = new Set(copied.map(({ shard, hash }) => `${shard} ${hash}`))
    const found = own.filter(({ shard, hash }) => hashes.has(`${shard} ${hash}`))
    if (new Set(found.map(({ shard, hash }) => `${shard} ${hash}`)).size < hashes.size) return false
    // Rows whose time was over went with a part that is empty.
    const holders = [...found, ...own.filter(({ rows }) => rows === 0)]
    return active(this.#first, table).every(part => holders.some(holder => holds(holder, part)))
  }
}

function active (parts: readonly Part[], table: string): Part[] {
  return parts.filter(part => part.isActive && part.table === table)
}

function holds (holder: Part, part: Part): boolean {
  return holder.shard === part.shard && holder.partition === part.partition && holder.first <= part.first && holder.last >= part.last
}
