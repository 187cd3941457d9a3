import { once } from 'node:events'
import type { Command } from 'commander'
import type { Backend } from '../../backend/start-backend.ts'
import { LETTA_OTEL_INVALID_OPTION, describeValue } from '../../errors.ts'
import { lettaPath, type CommandContext } from '../command-context.ts'

interface Options {
  port: string
  clickhousePort: string
  host: string
  token?: string
  data?: string
  days?: string
  maxGb?: string
  memoryMb?: string
  import?: string[]
  export?: string
}

/** chDB works on libuv's threads: four would be taken by four questions at once, and files and names need some too. */
const THREADS = '16'
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export function devCommand (context: CommandContext, program: Command): void {
  program.command('dev')
    .description('run the local backend: takes OTLP/HTTP, keeps it in an embedded ClickHouse, shows it on a page')
    .option('--port <port>', 'of OTLP/HTTP and the page', '4318')
    .option('--clickhouse-port <port>', "of ClickHouse's HTTP interface", '8123')
    .option('--host <address>', 'address to listen on; any but this machine\'s own needs --token', '127.0.0.1')
    .option('--token <token>', 'what every request has to bring, as bearer token or password (default: LETTA_DEV_TOKEN)')
    .option('--data <directory>', 'where the data is (default: $LETTA_DIR/data)')
    .option('--days <days>', 'days that rows are kept (default: 7, or what the tables say)')
    .option('--max-gb <gigabytes>', 'gigabytes on the disk; of more, the oldest rows go (default: what was given last for this directory, or 5)')
    .option('--memory-mb <megabytes>', 'megabytes that the engine may allocate (default: 2048, or half of the machine\'s memory)')
    .option('--import <file...>', 'take what files hold, one request of OTLP JSON a line, before anything else')
    .option('--export <directory>', 'write all telemetry to traces.json, metrics.json and logs.json there, and end')
    .action(async (options: Options) => {
      process.env['UV_THREADPOOL_SIZE'] ??= THREADS
      const { startBackend } = await import('../../backend/start-backend.ts')
      const backend = await startBackend(backendOptions(context, options))
      try {
        await work(backend, context, options)
      } finally {
        await backend.close()
      }
    })
}

async function work (backend: Backend, context: CommandContext, options: Options): Promise<void> {
  const { stdout } = context
  for (const path of options.import ?? []) {
    const { lines, rows, rejected } = await backend.importFile(path)
    stdout.write(`${path}: ${rows} rows of ${lines} lines${rejected === 0 ? '' : `, ${rejected} rejected`}\n`)
  }
  if (options.export === undefined) return await untilSignal(backend, context)
  for (const { path, rows } of await backend.exportFiles(options.export)) stdout.write(`${path}: ${rows} rows\n`)
}

function backendOptions (context: CommandContext, options: Options) {
  const { host, token = context.env['LETTA_DEV_TOKEN']?.trim() } = options
  return {
    host,
    path: options.data ?? lettaPath(context, 'data'),
    port: numberOf('--port', options.port),
    clickhousePort: numberOf('--clickhouse-port', options.clickhousePort),
    token: token === '' ? undefined : token,
    days: options.days === undefined ? undefined : numberOf('--days', options.days),
    maxBytes: maxBytesOf(options),
    memoryBytes: options.memoryMb === undefined ? undefined : Math.round(numberOf('--memory-mb', options.memoryMb) * 1024 * 1024),
    onProblem: (problem: string) => { context.stderr.write(`letta-otel: ${problem}\n`) }
  }
}

/** Whoever takes rows out loses none. */
function maxBytesOf ({ maxGb, export: directory }: Options): number | false | undefined {
  const bytes = maxGb === undefined ? undefined : Math.round(numberOf('--max-gb', maxGb) * 1e9)
  return directory === undefined ? bytes : false
}

function numberOf (option: string, text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value)) return value
  throw new LETTA_OTEL_INVALID_OPTION(option, describeValue(text), 'use a number')
}

/** Says where it is, and waits to be told to end; a second signal does not wait. */
async function untilSignal ({ url, clickhouseUrl }: Backend, { stdout }: CommandContext): Promise<void> {
  stdout.write(`letta-otel listens on ${url}\n\n  export OTEL_EXPORTER_OTLP_ENDPOINT=${url}\n${
    clickhouseUrl === undefined ? '' : `  export CLICKHOUSE_ENDPOINT=${clickhouseUrl}\n`}\n`)
  const told = new AbortController()
  await Promise.race(SIGNALS.map(async signal => { await once(process, signal, { signal: told.signal }).catch(() => {}) }))
  told.abort()
}
