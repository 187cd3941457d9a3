import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import t from 'tap'
import { CONFIGURATIONS, configurationFiles, type ConfigurationName } from '../../lib/collector/configurations.ts'
import { readVariables } from '../../lib/collector/read-variables.ts'
import { VARIABLES } from '../../lib/collector/variables.ts'

const NAMES = Object.keys(CONFIGURATIONS) as ConfigurationName[]
const FOLDER = new URL('../../lib/collector/configs/', import.meta.url)
const textOf = (file: string): string => readFileSync(new URL(file, FOLDER), 'utf8')
const requiredBy = (name: ConfigurationName): string[] =>
  CONFIGURATIONS[name].files.flatMap(file => readVariables(textOf(file))).filter(({ fallback }) => fallback === undefined).map(({ name }) => name)

t.test('every file that a configuration names is there, and every file belongs to one', async t => {
  const named = NAMES.flatMap(name => [...CONFIGURATIONS[name].files, ...CONFIGURATIONS[name].joining.map(({ file }) => file)])
  t.same([...new Set(named)].sort(), readdirSync(FOLDER).sort())
})

t.test('files stand in the order in which they are merged, and join when their variable is set', async t => {
  const filesOf = (name: ConfigurationName, env: Record<string, string>): string[] => configurationFiles(name, env).map(file => basename(file))
  t.same(filesOf('file', {}), ['base.yaml', 'listen-everywhere.yaml', 'file.yaml'])
  t.same(filesOf('file-dev', { LETTA_OTELCOL_TLS_CERT_FILE: 'cert.pem' }), ['base.yaml', 'listen-loopback.yaml', 'file.yaml', 'tls.yaml'])
  t.same(filesOf('gateway-edge', { LETTA_OTELCOL_SAMPLERS: 'a:4317', LETTA_OTELCOL_TLS_CERT_FILE: ' ' }).at(-1), 'samplers-listed.yaml')
  t.same(filesOf('gateway-edge', { LETTA_OTELCOL_SAMPLERS_DNS: 'a' }).at(-1), 'samplers-dns.yaml')
})

t.test('each configuration has to be told what it cannot know, and nothing else', async t => {
  t.same(Object.fromEntries(NAMES.map(name => [name, [...new Set(requiredBy(name))].sort()])), {
    file: ['LETTA_DIR'],
    'file-dev': ['LETTA_DIR'],
    clickhouse: ['CLICKHOUSE_ENDPOINT', 'CLICKHOUSE_PASSWORD', 'LETTA_DIR'],
    'clickhouse-dev': ['CLICKHOUSE_ENDPOINT', 'CLICKHOUSE_PASSWORD', 'LETTA_DIR'],
    'clickhouse-prod': ['CLICKHOUSE_ENDPOINT', 'CLICKHOUSE_PASSWORD', 'DD_API_KEY', 'LETTA_DIR'],
    signoz: ['LETTA_DIR', 'SIGNOZ_ENDPOINT', 'SIGNOZ_INGESTION_KEY'],
    'gateway-edge': ['LETTA_DIR'],
    'gateway-sampling': ['CLICKHOUSE_ENDPOINT', 'CLICKHOUSE_PASSWORD', 'LETTA_DIR']
  })
  t.same(CONFIGURATIONS['gateway-edge'].needsOneOf?.map(({ variable }) => variable), ['LETTA_OTELCOL_SAMPLERS', 'LETTA_OTELCOL_SAMPLERS_DNS'])
})

t.test('every variable is described, and every description is of a variable', async t => {
  const mentioned = readdirSync(FOLDER).flatMap(file => readVariables(textOf(file)))
  t.same([...new Set(mentioned.map(({ name }) => name))].sort(), Object.keys(VARIABLES).sort())
  for (const { name, fallback } of mentioned) {
    const { kind } = VARIABLES[name]!
    if (kind === 'secret') t.equal(fallback, undefined, `${name} has no fallback`)
    if (kind === 'port') t.match(fallback, /^\d{4,5}$/, `${name} falls back to a port`)
  }
})

t.test('in development, nothing listens beyond this machine', async t => {
  for (const name of NAMES.filter(name => name.endsWith('-dev'))) {
    const text = CONFIGURATIONS[name].files.map(textOf).join('')
    t.notMatch(text, /0\.0\.0\.0/)
    for (const [, host] of text.matchAll(/(?:host|endpoint): ([^:\n]*):?\$\{env:LETTA_OTELCOL_\w+_PORT/g)) t.equal(host, '127.0.0.1')
  }
})
