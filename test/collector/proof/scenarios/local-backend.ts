/**
 * The same telemetry on both ways into `letta-otel dev`: through the Collector's exporter and the interface of ClickHouse, and
 * as OTLP. Two backends, so that whole tables are compared.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { configurationFiles } from '../../../../lib/collector/configurations.ts'
import { SIGNALS, type Signal } from '../../../../lib/export/parcel.ts'
import { openStore, type Store } from '../../../../lib/store/open-store.ts'
import { startProgram } from '../../../backend/backend-process.ts'
import { sampleRequests } from '../../../backend/sample-requests.ts'
import { countOf } from '../harness/clickhouse.ts'
import { runExample } from '../harness/example.ts'
import { Forwarder } from '../harness/forwarder.ts'
import { proof, type Proof } from '../harness/proof.ts'
import { unusualRequests } from '../harness/unusual-requests.ts'

const TOKEN = 'of-the-proof-and-long-enough'
const SECONDS = 60
/** Differences that are printed, of each table. */
const SHOWN = 8
/** What no two rows of a table have in common. */
const IDENTITY = ['SpanId', 'Timestamp', 'Body', 'MetricName', 'TimeUnix', 'ServiceName', 'Attributes', 'LogAttributes']
/** What a backend says of itself, which is not what was sent. */
const OWN_SERVICE = 'letta-otel-dev'
/** Of 64 bits without a sign: what the exporter makes of -1. */
const LONGEST = '18446744073709551615'
/** Such spans in what is sent. */
const ENDED_BEFORE = 2
/** Without what the configuration says of telemetry that names no environment. */
const UNCHANGED = `service: { pipelines: { ${SIGNALS.map(signal => `${signal}: { processors: [memory_limiter] }`).join(', ')} } }\n`
const TABLES = ['otel_traces', 'otel_logs', ...['gauge', 'sum', 'histogram', 'exponential_histogram', 'summary'].map(kind => `otel_metrics_${kind}`)]

type Row = Record<string, unknown>

interface Backend {
  readonly url: string
  readonly clickhouseUrl: string
  readonly store: Store
}

async function backend (p: Proof, name: string): Promise<Backend> {
  const { url, clickhouseUrl } = await startProgram(p, ['--data', join(p.directory, name)], { LETTA_DEV_TOKEN: TOKEN })
  const store = await openStore({ url: clickhouseUrl, password: TOKEN })
  p.teardown(async () => { await store.close() })
  return { url, clickhouseUrl, store }
}

await proof('letta-otel dev, through the exporter and as OTLP', async p => {
  const [exported, direct] = [await backend(p, 'exported'), await backend(p, 'direct')]
  const unchanged = join(p.directory, 'unchanged.yaml')
  writeFileSync(unchanged, UNCHANGED)
  const collector = await p.collector({
    configuration: 'clickhouse-dev',
    files: [...configurationFiles('clickhouse-dev', {}), unchanged],
    env: { CLICKHOUSE_ENDPOINT: exported.clickhouseUrl, CLICKHOUSE_PASSWORD: TOKEN, LETTA_OTELCOL_FLUSH: '200ms' }
  })
  const forwarder = await Forwarder.to(collector.url)
  p.teardown(forwarder.close)

  const nowMs = Date.now()
  for (const requests of [sampleRequests(nowMs), unusualRequests(nowMs)]) {
    for (const signal of SIGNALS) {
      p.equal(`both take ${signal}`, [await send(collector.url, signal, requests[signal]), await send(direct.url, signal, requests[signal])], [200, 200])
    }
  }
  await runExample(p, forwarder.url)
  for (const signal of SIGNALS) {
    for (const request of forwarder.acknowledged[signal]) await send(direct.url, signal, request)
  }

  const counts = async ({ store }: Backend): Promise<number[]> => await Promise.all(TABLES.map(async table => (await rowsOf(store, table)).length))
  await p.until(async () => isDeepStrictEqual(await counts(exported), await counts(direct)), SECONDS)
  p.equal('as many rows in each table', await counts(exported), await counts(direct))
  p.check('and some in each', (await counts(direct)).every(count => count > 0))
  for (const table of TABLES) p.equal(`${table} is the same`, differences(await rowsOf(exported.store, table), await rowsOf(direct.store, table)), [])
  p.equal('spans that ended before they began have no duration here, and the longest there is through the exporter', [
    await countOf(exported.store, 'otel_traces', `Duration = ${LONGEST}`), await countOf(direct.store, 'otel_traces', `Duration = ${LONGEST}`)
  ], [ENDED_BEFORE, 0])
  p.equal('the collector had nothing to say', collector.output, '')
})

async function send (url: string, signal: Signal, request: object): Promise<number> {
  const { status } = await fetch(`${url}/v1/${signal}`, {
    method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` }, body: JSON.stringify(request)
  })
  return status
}

async function rowsOf ({ engine }: Store, table: string): Promise<Row[]> {
  const rows = await engine.query<Row>(`SELECT * ${table === 'otel_traces' ? `REPLACE (if(Duration = ${LONGEST}, 0, Duration) AS Duration)` : ''} FROM ${table} WHERE ServiceName != '${OWN_SERVICE}'`)
  const keyed = rows.map(row => ({ row, key: IDENTITY.map(column => JSON.stringify(row[column])).join() }))
  return keyed.sort((one, other) => one.key < other.key ? -1 : 1).map(({ row }) => row)
}

/** Columns in which two tables differ, with both values: maps by the order of their keys too. */
function differences (some: readonly Row[], others: readonly Row[]): unknown[] {
  const found = some.flatMap((row, index) => Object.entries(row).flatMap(([column, value]) => {
    const other = others[index]?.[column]
    return JSON.stringify(value) === JSON.stringify(other) ? [] : [{ row: index, column, exported: value, direct: other }]
  }))
  return found.slice(0, SHOWN)
}
