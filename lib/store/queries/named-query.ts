import type { Columns, RowOf } from './columns.ts'
import type { ParameterDefinitions, ParameterValues } from './parameters.ts'

/** A question to the store that has a name: what may be asked, what comes back, and how it is asked. */
export interface NamedQuery<Parameters extends ParameterDefinitions = ParameterDefinitions, Shape extends Columns = Columns> {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly parameters: Parameters
  readonly columns: Shape
  /** Days from `from` to `to` at most, of queries that have both. */
  readonly maximumDays?: number
  /**
   * The same for every call. Values are bound in place of `{name:Type}`; times are `Int64` nanoseconds. Beside the query's
   * own parameters there are `all_organizations:UInt8` and `organization:String`, which every query has to heed.
   */
  readonly sql: string
}

/** Rows of a query. */
export type QueryRow<Query> = Query extends NamedQuery<ParameterDefinitions, infer Shape> ? RowOf<Shape> : never
/** What a query may be asked with. */
export type QueryParameters<Query> = Query extends NamedQuery<infer Parameters> ? ParameterValues<Parameters> : never

/** Keeps the literal types of a definition. */
export function defineQuery<const Parameters extends ParameterDefinitions, const Shape extends Columns> (
  query: NamedQuery<Parameters, Shape>
): NamedQuery<Parameters, Shape> {
  return query
}

/** From when to when; the last 24 hours when nothing is said. */
export const TIME_RANGE = {
  from: { kind: 'time', description: 'start, inclusive', default: '-24h' },
  to: { kind: 'time', description: 'end, exclusive', default: 'now' }
} as const satisfies ParameterDefinitions

/** Rows at most. */
export const rowLimit = (standard: number, maximum = 1_000) => ({
  limit: { kind: 'number', description: 'rows at most', default: standard, minimum: 1, maximum }
} as const satisfies ParameterDefinitions)

/** Days by which the starts of two versions of one row may differ, as of a run that is taken up again under its id. */
const VERSION_DAYS = 7

/**
 * Which rows, read FINAL, started in the time range. Versions of a row that started on different days lie in different
 * partitions, and FINAL takes the latest of those that it reads: these are chosen by name, with the days around the range, and
 * `identity` keeps the engine from choosing by time itself. Left to it, it reads all partitions, or (before 26.3) too few.
 */
export const startedInRange = (start: string): string => `_partition_id >= formatDateTime(toDate32(fromUnixTimestamp64Nano({from:Int64})) - ${VERSION_DAYS}, '%Y%m%d')
      AND _partition_id <= formatDateTime(toDate32(fromUnixTimestamp64Nano({to:Int64})) + ${VERSION_DAYS}, '%Y%m%d')
      AND identity(${start}) >= fromUnixTimestamp64Nano({from:Int64}) AND identity(${start}) < fromUnixTimestamp64Nano({to:Int64})`

/** Which rows of a rollup are in the time range: minutes that have any part in it. */
export const MINUTES = `minute >= toStartOfMinute(toDateTime(intDiv({from:Int64}, 1000000000)))
      AND minute < toDateTime(intDiv({to:Int64} + 999999999, 1000000000))`

/** Seconds that a row stands for, where rows stand for times. */
export const bucketSeconds = (standard: number) => ({
  bucket_seconds: {
    kind: 'number', description: 'seconds of each row, in whole minutes; 0 for the whole time in one', default: standard, minimum: 0, maximum: 2_592_000
  }
} as const satisfies ParameterDefinitions)

/** Nanoseconds at which a row's time starts. */
export const BUCKET = `if({bucket_seconds:UInt32} = 0, {from:Int64},
        toInt64(intDiv(toUnixTimestamp(minute), greatest(60, {bucket_seconds:UInt32})) * greatest(60, {bucket_seconds:UInt32})) * 1000000000)`
