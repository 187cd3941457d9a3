import { LETTA_OTEL_INVALID_OPTION, LETTA_OTEL_STORE_RETENTION_SHORTER, describeValue } from '../errors.ts'
import type { Engine } from './engine.ts'
import { quoteName } from './sql-names.ts'

/** How long rows of one table are kept. */
export interface Retention {
  /** Days until a row is deleted, by its own time. */
  days: number
  /** Days until a row goes to the volume `cold` of the storage policy; without such a policy it stays where it is. */
  hotDays?: number
}

/** By table. */
export type RetentionByTable = Readonly<Partial<Record<RetainedTable, Retention>>>

/** Whose time decides, and for how long. */
interface RetentionRule {
  /** DateTime expression over the table's columns. */
  readonly time: string
  readonly byDefault: Retention
}

const TELEMETRY: Retention = { days: 90, hotDays: 30 }
const WORK: Retention = { days: 365, hotDays: 30 }
const ROLLUP: Retention = { days: 730, hotDays: 90 }

/** Every table whose rows go with time. Payloads are much the largest, rollups the smallest. */
const RULES = Object.freeze({
  otel_traces: { time: 'toDateTime(Timestamp)', byDefault: TELEMETRY },
  otel_traces_trace_id_ts: { time: 'Start', byDefault: TELEMETRY },
  otel_logs: { time: 'toDateTime(Timestamp)', byDefault: TELEMETRY },
  otel_metrics_gauge: { time: 'toDateTime(TimeUnix)', byDefault: TELEMETRY },
  otel_metrics_sum: { time: 'toDateTime(TimeUnix)', byDefault: TELEMETRY },
  otel_metrics_histogram: { time: 'toDateTime(TimeUnix)', byDefault: TELEMETRY },
  otel_metrics_exponential_histogram: { time: 'toDateTime(TimeUnix)', byDefault: TELEMETRY },
  otel_metrics_summary: { time: 'toDateTime(TimeUnix)', byDefault: TELEMETRY },
  run_metrics: { time: 'toDateTime(run_start_ns)', byDefault: WORK },
  step_metrics: { time: 'toDateTime(step_start_ns)', byDefault: WORK },
  provider_traces: { time: 'toDateTime(request_start_ns)', byDefault: WORK },
  provider_trace_payloads: { time: 'toDateTime(created_at)', byDefault: { days: 30, hotDays: 7 } },
  jobs_states: { time: 'toDateTime(created_at)', byDefault: WORK },
  endpoint_minutes: { time: 'minute', byDefault: ROLLUP },
  llm_minutes: { time: 'minute', byDefault: ROLLUP }
} satisfies Record<string, RetentionRule>)

/** Tables with a retention. */
export type RetainedTable = keyof typeof RULES

export const RETAINED_TABLES = Object.freeze(Object.keys(RULES) as RetainedTable[])

const DAYS_MAX = 36_500

/** Spans of a trace are found by its bounds. */
const SPANS: RetainedTable = 'otel_traces'
const BOUNDS: RetainedTable = 'otel_traces_trace_id_ts'

/** What is wanted of spans is wanted of their bounds too, unless something else is said of these or they are kept for longer. */
function withBounds (wanted: RetentionByTable, boundsDays: number, allowLoss: boolean): RetentionByTable {
  const spans = wanted[SPANS]
  if (spans === undefined || wanted[BOUNDS] !== undefined || (!allowLoss && boundsDays >= spans.days)) return wanted
  // Those of longer spans first: nothing is unfindable meanwhile.
  return { [BOUNDS]: spans, ...wanted }
}

/** @throws {LETTA_OTEL_INVALID_OPTION} there would be spans that are not found */
function checkBounds (spansDays: number, boundsDays: number): void {
  if (boundsDays < spansDays) {
    throw new LETTA_OTEL_INVALID_OPTION(`retention.${BOUNDS}`, describeValue(boundsDays), `use at least the days of ${SPANS}, ${spansDays}: its traces are found by these rows`)
  }
}

/** What is kept of a table now. `days` is undefined where rows are kept for ever. */
export interface PresentRetention {
  readonly table: RetainedTable
  readonly days: number | undefined
  readonly hotDays: number | undefined
  /** Name of its storage policy, `default` where none was chosen. */
  readonly storagePolicy: string
}

/** Reads what the tables themselves say. Tables that do not exist are left out. */
export async function readRetention (engine: Engine): Promise<PresentRetention[]> {
  const rows = await engine.query<{ name: string, ddl: string, policy: string }>(
    'SELECT name, engine_full AS ddl, storage_policy AS policy FROM system.tables WHERE database = {database:String}', { database: engine.database })
  const stored = new Map(rows.map(row => [row.name, row]))
  return RETAINED_TABLES.flatMap(table => {
    const found = stored.get(storedTable(engine, table))
    return found === undefined ? [] : [{ table, ...parseTtl(found.ddl), storagePolicy: found.policy }]
  })
}

/** ClickHouse writes TTLs as `TTL x + toIntervalDay(30) TO VOLUME 'cold', x + toIntervalDay(90)`. */
function parseTtl (ddl: string): { days: number | undefined, hotDays: number | undefined } {
  const ttl = /\bTTL (.*?)(?: SETTINGS |$)/s.exec(ddl)?.[1] ?? ''
  let days: number | undefined
  let hotDays: number | undefined
  for (const [, number, target] of ttl.matchAll(/toIntervalDay\((\d+)\)( TO VOLUME)?/g)) {
    if (target === undefined) days = Number(number)
    else hotDays = Number(number)
  }
  return { days, hotDays }
}

/**
 * Changes how long rows of tables are kept. What is deleted because of it goes with later merges, whole parts at a time; nothing
 * is rewritten at once. Without `hotDays` rows go to the cold volume when they did before.
 *
 * @param storagePolicy what tables get that have another one, and whose rows are to go to its volume `cold`; it has to have the
 *   volumes of the other one too, as `default`
 * @param allowLoss whether rows that are kept today may go
 * What is said of `otel_traces` alone counts for the bounds of its traces too.
 *
 * @throws {LETTA_OTEL_INVALID_OPTION} as {@link checkRetention}; and the bounds of traces would be kept for less long than their spans
 * @throws {LETTA_OTEL_STORE_RETENTION_SHORTER} rows would be deleted; no table was changed
 */
export async function setRetention (
  engine: Engine, asked: RetentionByTable, { storagePolicy, allowLoss = false }: { storagePolicy?: string | undefined, allowLoss?: boolean } = {}
): Promise<void> {
  checkRetention(asked)
  const present = new Map((await readRetention(engine)).map(retention => [retention.table, retention]))
  const daysNow = (table: RetainedTable): number => present.get(table)?.days ?? Infinity
  const wanted = withBounds(asked, daysNow(BOUNDS), allowLoss)
  if (SPANS in wanted || BOUNDS in wanted) checkBounds(wanted[SPANS]?.days ?? daysNow(SPANS), wanted[BOUNDS]?.days ?? daysNow(BOUNDS))
  const changes: string[] = []
  for (const [name, retention] of Object.entries(wanted)) {
    const table = name as RetainedTable
    const rule: RetentionRule = RULES[table]
    const now = present.get(table)
    const { days, hotDays } = { hotDays: undefined, ...retention }
    if (now === undefined) continue
    const cold = coldDays(now, days, storagePolicy === undefined && now.hotDays === undefined ? undefined : hotDays)
    if (now.days === days && now.hotDays === cold) continue
    if (!allowLoss && days < (now.days ?? Infinity)) {
      throw new LETTA_OTEL_STORE_RETENTION_SHORTER(table, days, now.days === undefined ? 'for ever' : `${now.days} days`)
    }
    // Only a policy with the volume can have a TTL that names it.
    if (cold !== undefined && storagePolicy !== undefined && now.storagePolicy !== storagePolicy) {
      changes.push(`${alterTable(engine, table)} MODIFY SETTING storage_policy = '${quoteName(storagePolicy).slice(1, -1)}'`)
    }
    changes.push(`${alterTable(engine, table)} MODIFY ${ttlText(rule.time, days, cold)}`)
  }
  for (const change of changes) await engine.command(change)
}

/** What is hot cannot be so for longer than it is kept. */
function coldDays (now: PresentRetention, days: number, wanted: number | undefined): number | undefined {
  return wanted ?? (now.hotDays === undefined ? undefined : Math.min(now.hotDays, days))
}

/** The TTL that a table is made with. */
export function firstTtl (table: string, wanted: RetentionByTable = {}, storagePolicy?: string): string {
  const rule: RetentionRule | undefined = RULES[table as RetainedTable]
  if (rule === undefined) throw new TypeError(`table ${table} has no retention`)
  const complete = withBounds(wanted, RULES[BOUNDS].byDefault.days, false)
  const daysOf = (name: RetainedTable): number => (complete[name] ?? RULES[name].byDefault).days
  if (table === BOUNDS) checkBounds(daysOf(SPANS), daysOf(BOUNDS))
  const { days, hotDays } = { hotDays: undefined, ...(complete[table as RetainedTable] ?? rule.byDefault) }
  return ttlText(rule.time, days, storagePolicy === undefined ? undefined : hotDays)
}

/** @throws {LETTA_OTEL_INVALID_OPTION} a table has none, or days are no whole number from 1 to 36,500, or rows would be hot longer than kept */
export function checkRetention (wanted: RetentionByTable): void {
  for (const [table, { days, hotDays = 1 }] of Object.entries(wanted)) {
    if (!Object.hasOwn(RULES, table)) throw new LETTA_OTEL_INVALID_OPTION('retention', describeValue(table), `use one of: ${RETAINED_TABLES.join(', ')}`)
    for (const number of [days, hotDays]) {
      if (!Number.isInteger(number) || number < 1 || number > DAYS_MAX) {
        throw new LETTA_OTEL_INVALID_OPTION(`retention.${table}`, describeValue(number), `use a whole number of days from 1 to ${DAYS_MAX}`)
      }
    }
    if (hotDays > days) throw new LETTA_OTEL_INVALID_OPTION(`retention.${table}.hotDays`, describeValue(hotDays), `use at most its days, ${days}`)
  }
}

function storedTable ({ cluster }: Engine, table: RetainedTable): string {
  return cluster === undefined ? table : `${table}_local`
}

function alterTable (engine: Engine, table: RetainedTable): string {
  const onCluster = engine.cluster === undefined ? '' : ` ON CLUSTER ${quoteName(engine.cluster)}`
  return `ALTER TABLE ${quoteName(engine.database)}.${quoteName(storedTable(engine, table))}${onCluster}`
}

function ttlText (time: string, days: number, hotDays: number | undefined): string {
  const cold = hotDays === undefined ? '' : `${time} + toIntervalDay(${hotDays}) TO VOLUME 'cold', `
  return `TTL ${cold}${time} + toIntervalDay(${days})`
}
