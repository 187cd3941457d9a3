import type { IncomingMessage } from 'node:http'
import { Exception } from './exception.ts'

/** What the interface itself knows; all else in the address is a setting of the engine. */
const OWN = new Set([
  'query', 'database', 'default_format', 'query_id', 'session_id', 'session_timeout', 'session_check', 'role', 'user', 'password', 'quota_key',
  'compress', 'decompress', 'client_protocol_version', 'stacktrace', 'buffer_size', 'wait_end_of_query', 'enable_http_compression',
  'http_zlib_compression_level', 'send_progress_in_http_headers', 'http_headers_progress_interval_ms', 'http_response_buffer_size',
  'http_native_compression_disable_checksumming_on_decompress', 'add_http_cors_header', 'log_queries',
  // Rows that were answered for have to be in the table.
  'async_insert', 'wait_for_async_insert'
])

/** One request to the HTTP interface, without its body. */
export interface QueryRequest {
  /** What stands in the address; the rest of the statement, or its rows, are in the body. */
  readonly query: string | undefined
  readonly database: string | undefined
  readonly format: string | undefined
  readonly queryId: string | undefined
  /** `mustExist`: it is to go on with what is there, not to begin. */
  readonly session: { readonly id: string, readonly timeoutSeconds: number, readonly mustExist: boolean } | undefined
  readonly settings: ReadonlyMap<string, string>
  /** Values of `{name:Type}`, as the interface escapes them. */
  readonly parameters: ReadonlyMap<string, string>
  /** The answer is in ClickHouse's own compressed blocks. */
  readonly isCompressed: boolean
  /** The body is. */
  readonly isBodyCompressed: boolean
  /** Revision of the native protocol that the client reads. */
  readonly revision: number
  readonly acceptsEncoding: boolean
  readonly method: string
}

const SESSION_SECONDS = 60
const SESSION_SECONDS_MAX = 3_600

/**
 * @param search names and values of the address, or of a form
 * @throws {Exception} INVALID_SESSION_TIMEOUT
 */
export function readQueryRequest (request: Pick<IncomingMessage, 'method' | 'headers'>, search: Iterable<[string, string]>): QueryRequest {
  const values = new Map(search)
  const header = (name: string): string | undefined => {
    const value = request.headers[name]
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const settings = new Map<string, string>()
  const parameters = new Map<string, string>()
  for (const [name, value] of values) {
    if (name.startsWith('param_')) parameters.set(name, value)
    else if (!OWN.has(name)) settings.set(name, value)
  }
  const id = values.get('session_id')
  return {
    query: values.get('query'),
    database: values.get('database') ?? header('x-clickhouse-database'),
    format: values.get('default_format') ?? header('x-clickhouse-format'),
    queryId: values.get('query_id'),
    session: id === undefined || id === '' ? undefined : { id, timeoutSeconds: secondsOf(values.get('session_timeout')), mustExist: isOn(values.get('session_check')) },
    settings,
    parameters,
    isCompressed: isOn(values.get('compress')),
    isBodyCompressed: isOn(values.get('decompress')),
    revision: Number(values.get('client_protocol_version') ?? 0),
    acceptsEncoding: isOn(values.get('enable_http_compression')),
    method: request.method ?? 'GET'
  }
}

function isOn (value: string | undefined): boolean {
  return value === '1' || value === 'true'
}

function secondsOf (timeout: string | undefined): number {
  if (timeout === undefined) return SESSION_SECONDS
  if (!/^\d+$/.test(timeout)) throw Exception.of(374, 'INVALID_SESSION_TIMEOUT', `session_timeout cannot be ${JSON.stringify(timeout.slice(0, 40))}: use a whole number of seconds`)
  return Math.min(Number(timeout), SESSION_SECONDS_MAX)
}
