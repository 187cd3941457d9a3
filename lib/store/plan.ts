import type { Engine } from './engine.ts'
import { quoteName } from './sql-names.ts'
import { readRetention } from './retention.ts'
import { tableStatus } from './table-status.ts'

/** What one run leaves in one table. */
export interface RunFootprint {
  readonly table: string
  /** Before compression. */
  readonly raw_bytes_per_run: number
  /** On the disk. */
  readonly bytes_per_run: number
  /** Days that rows are kept; undefined for ever. */
  readonly days: number | undefined
}

/** What is asked of a plan. */
export interface PlanInput {
  readonly footprints: readonly RunFootprint[]
  readonly runsPerDay: number
  /** Days that are planned for; a table that keeps rows for a shorter time takes only these. */
  readonly days: number
  /** US dollars a month for 10⁹ bytes. */
  readonly pricePerGb: number
}

/** What a table will take when the planned days are over. */
export interface PlannedTable {
  readonly table: string
  readonly days: number
  readonly bytes_per_run: number
  readonly raw_bytes: number
  readonly bytes: number
  /** US dollars. */
  readonly monthly_cost_usd: number
}

export const BYTES_IN_A_GB = 1e9

/** Sizes at the end of the planned days, the largest first. */
export function planStorage ({ footprints, runsPerDay, days, pricePerGb }: PlanInput): PlannedTable[] {
  return footprints.map(footprint => {
    const kept = Math.min(days, footprint.days ?? days)
    const bytes = footprint.bytes_per_run * runsPerDay * kept
    return {
      table: footprint.table,
      days: kept,
      bytes_per_run: footprint.bytes_per_run,
      raw_bytes: footprint.raw_bytes_per_run * runsPerDay * kept,
      bytes,
      monthly_cost_usd: bytes / BYTES_IN_A_GB * pricePerGb
    }
  }).sort((a, b) => b.bytes - a.bytes || a.table.localeCompare(b.table))
}

/** All tables of a plan together. */
export function planTotal (tables: readonly PlannedTable[]): PlannedTable {
  const sum = (field: 'bytes_per_run' | 'raw_bytes' | 'bytes' | 'monthly_cost_usd'): number => tables.reduce((total, table) => total + table[field], 0)
  return {
    table: 'total',
    days: Math.max(0, ...tables.map(({ days }) => days)),
    bytes_per_run: sum('bytes_per_run'),
    raw_bytes: sum('raw_bytes'),
    bytes: sum('bytes'),
    monthly_cost_usd: sum('monthly_cost_usd')
  }
}

const DAY_NS = 86_400_000_000_000n

/**
 * Measures what the runs in a store left in each of its tables; nothing when there is no run yet. Tables keep rows for different
 * times: what is in one is divided by the runs of its own time, and of what is older than all runs a share is left out.
 */
export async function measureFootprints (engine: Engine, now = BigInt(Date.now()) * 1_000_000n): Promise<RunFootprint[]> {
  const kept = new Map<string, number | undefined>((await readRetention(engine)).map(({ table, days }) => [table, days]))
  const runDays = kept.get('run_metrics')
  const footprints: RunFootprint[] = []
  for (const { table, rows, oldest, bytes, raw_bytes: raw } of await tableStatus(engine)) {
    if (rows === 0 || !kept.has(table)) continue
    const days = kept.get(table)
    const runs = await countRuns(engine, earlier(sinceDays(now, days), oldest))
    if (runs === 0) continue
    const share = shareSince(sinceDays(now, runDays), oldest, now)
    footprints.push({ table, bytes_per_run: bytes * share / runs, raw_bytes_per_run: raw * share / runs, days })
  }
  return footprints
}

async function countRuns (engine: Engine, since: bigint): Promise<number> {
  const [counted] = await engine.query<{ runs: string }>(
    `SELECT count() AS runs FROM ${quoteName(engine.database)}.run_metrics FINAL WHERE toUnixTimestamp64Nano(run_start_ns) >= {since:Int64}`,
    { since: String(since) })
  return Number(counted!.runs)
}

/** 0 where rows are kept for ever. */
function sinceDays (now: bigint, days: number | undefined): bigint {
  return days === undefined ? 0n : now - BigInt(days) * DAY_NS
}

/** Rows may outlive their time a little, until a merge takes them. */
function earlier (since: bigint, oldest: bigint | null): bigint {
  return oldest !== null && oldest < since ? oldest : since
}

/** The part of a table's time from which there can be runs. */
function shareSince (since: bigint, oldest: bigint | null, now: bigint): number {
  return oldest === null || oldest >= since || oldest >= now ? 1 : Number(now - since) / Number(now - oldest)
}
