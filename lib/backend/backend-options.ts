import { totalmem } from 'node:os'
import { LETTA_OTEL_INVALID_OPTION, describeValue } from '../errors.ts'
import { isLoopback } from './guard/guard.ts'
import type { OtlpLimits } from './otlp/otlp-routes.ts'

/** What a local backend may be told. */
export interface BackendOptions {
  /** The directory that holds the data, of one process at a time; made where it is missing. */
  readonly path: string
  /** The address to listen on. Any other than this machine's own needs a `token`. @default '127.0.0.1' */
  readonly host?: string | undefined
  /** Of OTLP/HTTP and the page; 0 takes a free one. @default 4318 */
  readonly port?: number | undefined
  /** Of ClickHouse's HTTP interface; 0 takes a free one, false leaves it out. @default 8123 */
  readonly clickhousePort?: number | false | undefined
  /** What every request has to bring: as bearer token, or as password. @default none */
  readonly token?: string | undefined
  /** Days that rows are kept. Of tables that are there already, only a value that is given changes it. @default 7 */
  readonly days?: number | undefined
  /**
   * Bytes on the disk; of more, the oldest rows go. False deletes nothing because of its size.
   *
   * @default what was given last for this directory; 5_000_000_000 where it never was, unless it has more already, which is kept then
   */
  readonly maxBytes?: number | false | undefined
  /** Bytes that the engine may allocate. @default 2 GiB, or half of the machine's memory where that is less */
  readonly memoryBytes?: number | undefined
  readonly limits?: OtlpLimits | undefined
  /** Milliseconds between two looks at what was received, refused and lost, which become metrics where they changed; 0 for no metrics. @default 5_000 */
  readonly ownMetricsIntervalMs?: number | undefined
  /** Told in words of what goes wrong while it runs. What it throws is ignored. */
  readonly onProblem?: ((problem: string) => void) | undefined
}

/** Every option with its value. */
export type ResolvedBackendOptions = { readonly [Name in Exclude<keyof BackendOptions, 'token' | 'days' | 'limits'>]-?: Exclude<BackendOptions[Name], undefined> } &
  { readonly token: string | undefined, readonly days: number, readonly changesDays: boolean, readonly changesMaxBytes: boolean, readonly limits: OtlpLimits | undefined }

const GIBIBYTE = 1024 ** 3
const DAYS = 7
const DAYS_MAX = 36_500
const PORT_MAX = 65_535
const TIMER_MAX = 2_147_483_647
/** Below this the engine cannot even merge what it has. */
const MEMORY_MIN = 256 * 1024 * 1024
const TOKEN_MIN = 16

/** @throws {LETTA_OTEL_INVALID_OPTION} an option has a value that cannot work */
export function resolveBackendOptions (options: BackendOptions): ResolvedBackendOptions {
  const { path, host = '127.0.0.1', token, days, clickhousePort = 8_123, limits } = options
  if (path === '') throw new LETTA_OTEL_INVALID_OPTION('path', '""', 'name a directory')
  if (token !== undefined && token.length < TOKEN_MIN) {
    throw new LETTA_OTEL_INVALID_OPTION('token', `a text of ${token.length} characters`, `use at least ${TOKEN_MIN} that nobody can guess`)
  }
  if (token === undefined && !isLoopback(host)) {
    throw new LETTA_OTEL_INVALID_OPTION('host', describeValue(host), 'others could read and write everything there: set a token too, or use 127.0.0.1')
  }
  return {
    path,
    host,
    token,
    limits,
    port: whole('port', options.port ?? 4_318, 0, PORT_MAX),
    clickhousePort: clickhousePort === false ? false : whole('clickhousePort', clickhousePort, 0, PORT_MAX),
    days: whole('days', days ?? DAYS, 1, DAYS_MAX),
    changesDays: days !== undefined,
    maxBytes: options.maxBytes === false ? false : whole('maxBytes', options.maxBytes ?? 5_000_000_000, 1),
    changesMaxBytes: options.maxBytes !== undefined,
    memoryBytes: whole('memoryBytes', options.memoryBytes ?? Math.min(2 * GIBIBYTE, Math.max(MEMORY_MIN, Math.floor(totalmem() / 2))), MEMORY_MIN),
    ownMetricsIntervalMs: whole('ownMetricsIntervalMs', options.ownMetricsIntervalMs ?? 5_000, 0, TIMER_MAX),
    onProblem: problem => { tell(options.onProblem, problem) }
  }
}

/** It is told from timers and background work, where nobody could catch what a listener throws. */
function tell (listener: BackendOptions['onProblem'], problem: string): void {
  try {
    listener?.(problem)
  } catch {
    // Rows are worth more than words about them.
  }
}

function whole (option: string, value: number, least: number, most = Number.MAX_SAFE_INTEGER): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw new LETTA_OTEL_INVALID_OPTION(option, describeValue(value), `use a whole number from ${least}${most === Number.MAX_SAFE_INTEGER ? '' : ` to ${most}`}`)
}
