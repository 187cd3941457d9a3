import { LETTA_OTEL_STORE_STATEMENT_FAILED } from '../errors.ts'

/**
 * Numbers of ClickHouse (system.errors, stable across versions) after which the same insert may work later. All others
 * blame the rows: were one of these tried again and again, nothing behind them would ever be written.
 */
const PASSING: ReadonlySet<number> = new Set([
  60, 81, // UNKNOWN_TABLE, UNKNOWN_DATABASE: until they are made
  159, 160, 394, 236, // TIMEOUT_EXCEEDED, TOO_SLOW, QUERY_WAS_CANCELLED, ABORTED
  164, 242, // READONLY, TABLE_IS_READ_ONLY
  192, 193, 194, 497, 516, // UNKNOWN_USER, WRONG_PASSWORD, REQUIRED_PASSWORD, ACCESS_DENIED, AUTHENTICATION_FAILED: until that is put right
  202, 203, 209, 210, 279, // TOO_MANY_SIMULTANEOUS_QUERIES, NO_FREE_CONNECTION, SOCKET_TIMEOUT, NETWORK_ERROR, ALL_CONNECTION_TRIES_FAILED
  241, 243, 252, 439, // MEMORY_LIMIT_EXCEEDED, NOT_ENOUGH_SPACE, TOO_MANY_PARTS, CANNOT_SCHEDULE_TASK
  285, 286, 319, 999, // TOO_FEW_LIVE_REPLICAS, UNSATISFIED_QUORUM, UNKNOWN_STATUS_OF_INSERT, KEEPER_EXCEPTION
  74, 75, 76, 499, 1000, 1001, 1002 // file, S3 and unknown errors of the server
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
  return clickhouseCode !== undefined && !PASSING.has(clickhouseCode)
}
