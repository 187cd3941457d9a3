import { LETTA_OTEL_STORE_STATEMENT_FAILED } from '../errors.ts'

/**
 * Numbers of ClickHouse (system.errors, stable across versions) that blame the rows or the statement: the same insert will never
 * work. After every other one, also those that are not known here, it is tried again: rows are lost for good, time is not.
 */
const REFUSALS: ReadonlySet<number> = new Set([
  6, 25, 26, 27, 38, 41, 72, // CANNOT_PARSE_TEXT, _ESCAPE_SEQUENCE, _QUOTED_STRING, _INPUT_ASSERTION_FAILED, _DATE, _DATETIME, _NUMBER
  130, 376, 467, 675, 676, // CANNOT_READ_ARRAY_FROM_TEXT, CANNOT_PARSE_UUID, _BOOL, _IPV4, _IPV6
  32, 33, 117, // ATTEMPT_TO_READ_AFTER_EOF, CANNOT_READ_ALL_DATA, INCORRECT_DATA: a value that ends too soon, or no column of that name
  7, 10, 16, 20, 47, // INCORRECT_NUMBER_OF_COLUMNS, NOT_FOUND_COLUMN_IN_BLOCK, NO_SUCH_COLUMN_IN_TABLE, NUMBER_OF_COLUMNS_DOESNT_MATCH, UNKNOWN_IDENTIFIER
  43, 44, 53, 70, 349, // ILLEGAL_TYPE_OF_ARGUMENT, ILLEGAL_COLUMN, TYPE_MISMATCH, CANNOT_CONVERT_TYPE, CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
  69, 128, 131, 190, 321, 407, // ARGUMENT_OUT_OF_BOUND, TOO_LARGE_ARRAY_SIZE, TOO_LARGE_STRING_SIZE, SIZES_OF_ARRAYS_DONT_MATCH, VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE, DECIMAL_OVERFLOW
  62, 469, 691 // SYNTAX_ERROR, VIOLATED_CONSTRAINT, UNKNOWN_ELEMENT_OF_ENUM
])

/** TOO_MANY_PARTS also says that one insert has rows of too many partitions, which is no matter of time. */
const TOO_MANY_PARTS = 252

/** UNKNOWN_TABLE, UNKNOWN_DATABASE. */
const MISSING: ReadonlySet<number> = new Set([60, 81])

const REASON_MAX = 300

/** What an engine's own error comes to here. */
export interface StatementFailure extends Error {
  readonly code: string
  /** ClickHouse's number; undefined when no answer came at all. */
  readonly clickhouseCode: number | undefined
  readonly tooManyPartitions: boolean
}

/**
 * @param what `a query`, `an insert into run_metrics`
 * @param showText whether the engine's words may be shown: of an insert they quote the rows
 */
export function statementFailure (what: string, problem: unknown, showText: boolean): StatementFailure {
  const { code, type, message } = problem as { code?: unknown, type?: unknown, message: string }
  // `Code: 27.` is how the engine begins what it says; the HTTP client has read it already.
  const number = /^\d+$/.test(String(code)) ? Number(code) : clickhouseCodeOf(message)
  const name = typeof type === 'string' ? type : /\(([A-Z0-9_]+)\)\s*$/.exec(message)?.[1]
  const reason = number === undefined
    ? withoutStack(message)
    : showText ? withoutStack(message) : `ClickHouse error ${number}${name === undefined ? '' : ` (${name})`}`
  const tooManyPartitions = number === TOO_MANY_PARTS && message.includes('Too many partitions')
  return Object.assign(new LETTA_OTEL_STORE_STATEMENT_FAILED(what, reason), { clickhouseCode: number, tooManyPartitions }) as unknown as StatementFailure
}

function clickhouseCodeOf (message: string): number | undefined {
  const digits = /\bCode: (\d+)\./.exec(message)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

function withoutStack (message: string): string {
  return message.split('\n')[0]!.slice(0, REASON_MAX)
}

/** Whether trying the same insert again is useless. */
export function isRefusal (problem: unknown): boolean {
  const { clickhouseCode } = problem as Partial<StatementFailure>
  return clickhouseCode !== undefined && REFUSALS.has(clickhouseCode)
}

/** Whether fewer rows at a time would be taken: those of an insert lie in too many partitions. */
export function needsDivision (problem: unknown): boolean {
  return (problem as Partial<StatementFailure>).tooManyPartitions === true
}

/** Whether a table or its database is not there. */
export function isMissing (problem: unknown): boolean {
  const { clickhouseCode } = problem as Partial<StatementFailure>
  return clickhouseCode !== undefined && MISSING.has(clickhouseCode)
}

/** Whether the engine was there and said no, so that other tables may be well. */
export function isAnswer (problem: unknown): boolean {
  return (problem as Partial<StatementFailure>).clickhouseCode !== undefined
}
