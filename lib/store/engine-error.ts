import { LETTA_OTEL_STORE_STATEMENT_FAILED } from '../errors.ts'

/** Numbers of ClickHouse that say that the rows themselves will never be taken (system.errors, stable across versions). */
const REFUSED_ROWS: ReadonlySet<number> = new Set([
  6, // CANNOT_PARSE_TEXT
  26, // CANNOT_PARSE_QUOTED_STRING
  27, // CANNOT_PARSE_INPUT_ASSERTION_FAILED
  33, // CANNOT_READ_ALL_DATA
  38, // CANNOT_PARSE_DATE
  41, // CANNOT_PARSE_DATETIME
  53, // TYPE_MISMATCH
  69, // ARGUMENT_OUT_OF_BOUND
  70, // CANNOT_CONVERT_TYPE
  72, // CANNOT_PARSE_NUMBER
  117, // INCORRECT_DATA
  130, // CANNOT_READ_ARRAY_FROM_TEXT
  131, // TOO_LARGE_STRING_SIZE
  349, // CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
  467 // CANNOT_PARSE_BOOL
])

const REASON_MAX = 300

/** What an engine's own error comes to here. */
export interface StatementFailure extends Error {
  readonly code: string
  /** ClickHouse's number; undefined when no answer came at all. */
  readonly clickhouseCode: number | undefined
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
  return Object.assign(new LETTA_OTEL_STORE_STATEMENT_FAILED(what, reason), { clickhouseCode: number }) as unknown as StatementFailure
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
  return clickhouseCode !== undefined && REFUSED_ROWS.has(clickhouseCode)
}
