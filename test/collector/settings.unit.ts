/* eslint no-template-curly-in-string: off -- variables of the collector look like that */
import { join } from 'node:path'
import t from 'tap'
import { readSettings } from '../../lib/collector/settings.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

t.test('each variable once, with what the collector will see', async t => {
  const directory = temporaryDirectory(t, {
    'a.yaml': 'a: ${env:CLICKHOUSE_PASSWORD}\nb: ${env:LETTA_OTELCOL_GRPC_PORT:-4317}\nc: ${env:OWN:-x} # ${env:COMMENT}',
    'b.yaml': 'a: ${env:OWN}\nb: ${env:LETTA_OTELCOL_TRACES_FILE:-${env:LETTA_DIR}/t.json}\nc: ${env:CLICKHOUSE_CA_FILE:-}'
  })
  const settings = await readSettings(['a.yaml', 'b.yaml'].map(name => join(directory, name)), { LETTA_DIR: '/letta', OWN: 'mine' })
  t.strictSame(Object.fromEntries(settings.map(({ name, kind, value, isRequired, isSet }) => [name, [kind, value, isRequired, isSet]])), {
    CLICKHOUSE_PASSWORD: ['secret', '', true, false],
    LETTA_OTELCOL_GRPC_PORT: ['port', '4317', false, false],
    OWN: ['value', 'mine', true, true],
    LETTA_OTELCOL_TRACES_FILE: ['output-file', '/letta/t.json', false, false],
    LETTA_DIR: ['directory', '/letta', true, true],
    CLICKHOUSE_CA_FILE: ['input-file', '', false, false]
  })
})
