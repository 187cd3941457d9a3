import { basename, join } from 'node:path'
import t from 'tap'
import { selectConfiguration, selectionArguments, type Selection } from '../../lib/collector/selection.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

const names = ({ files }: Selection): string[] => files.map(file => basename(file))

t.test('the environment decides', async t => {
  const clickhouse = { CLICKHOUSE_ENDPOINT: 'http://c:8123', CLICKHOUSE_PASSWORD: 'p' }
  const signoz = { SIGNOZ_ENDPOINT: 's:443', SIGNOZ_INGESTION_KEY: 'k' }
  const cases: Array<[env: Record<string, string>, name: string, reason: RegExp]> = [
    [{}, 'file', /^as neither CLICKHOUSE_ENDPOINT and CLICKHOUSE_PASSWORD, nor SIGNOZ_ENDPOINT and SIGNOZ_INGESTION_KEY are set$/],
    [clickhouse, 'clickhouse', /^as CLICKHOUSE_ENDPOINT and CLICKHOUSE_PASSWORD are set$/],
    [signoz, 'signoz', /^as SIGNOZ_ENDPOINT and SIGNOZ_INGESTION_KEY are set$/],
    [{ ...signoz, ...clickhouse }, 'clickhouse', /./],
    [{ ...signoz, CLICKHOUSE_ENDPOINT: 'http://c:8123' }, 'signoz', /^as SIGNOZ_ENDPOINT and SIGNOZ_INGESTION_KEY are set; CLICKHOUSE_ENDPOINT alone chooses nothing$/],
    [{ ...clickhouse, CLICKHOUSE_PASSWORD: ' ' }, 'file', /^as neither .* are set; CLICKHOUSE_ENDPOINT alone chooses nothing$/]
  ]
  for (const [env, name, reason] of cases) {
    const selection = selectConfiguration([], env)
    t.strictSame([selection.name, selection.configurations], [name, [name]])
    t.match(selection.reason, reason)
    t.ok(names(selection).includes(`${name}.yaml`))
  }
})

t.test('what is asked for comes in that order, and once', async t => {
  const directory = temporaryDirectory(t, { 'own.yaml': '', file: '' })
  const own = join(directory, 'own.yaml')
  const selection = selectConfiguration(['clickhouse', own, 'clickhouse'], { CLICKHOUSE_ENDPOINT: 'x' })
  t.strictSame(selection.configurations, ['clickhouse'])
  t.equal(selection.name, `clickhouse + ${own} + clickhouse`)
  t.equal(new Set(selection.files).size, selection.files.length)
  t.ok(names(selection).indexOf('clickhouse.yaml') < names(selection).indexOf('own.yaml'))
  t.strictSame(selectionArguments(selection), [...selection.files.map(file => `--config=${file}`), '--feature-gates=stanza.synchronousLogEmitter'])
  t.strictSame(selectionArguments(selectConfiguration([join(directory, 'file')], {})), [`--config=${join(directory, 'file')}`])
})

t.test('two configurations of letta-otel, of which one would take what the other does away', async t => {
  const own = join(temporaryDirectory(t, { 'own.yaml': '' }), 'own.yaml')
  t.throws(() => selectConfiguration(['clickhouse', own, 'signoz'], {}), {
    code: 'LETTA_OTEL_COLLECTOR_SEVERAL_CONFIGURATIONS',
    message: 'a collector has one configuration of letta-otel, not clickhouse and signoz: name one, and files of your own that add to it'
  })
})

t.test('a configuration that a variable completes', async t => {
  t.notOk(names(selectConfiguration(['file'], {})).includes('tls.yaml'))
  t.ok(names(selectConfiguration(['file'], { LETTA_OTELCOL_TLS_CERT_FILE: 'c.pem' })).includes('tls.yaml'))
})

t.test('neither a configuration nor a file', async t => {
  for (const name of ['clickhous', 'constructor', 'missing.yaml', '']) {
    t.throws(() => selectConfiguration(['file', name], {}), {
      code: 'LETTA_OTEL_COLLECTOR_UNKNOWN_CONFIGURATION', message: new RegExp(`^there is no collector configuration "${name}": name a file, or one of file, file-dev, clickhouse, `)
    })
  }
})
