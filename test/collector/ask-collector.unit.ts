import { join } from 'node:path'
import t from 'tap'
import { selectConfiguration } from '../../lib/collector/selection.ts'
import { askCollector } from '../../lib/collector/ask-collector.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { putProgram } from './programs.ts'

t.test('the collector is asked for what would be started', async t => {
  const directory = temporaryDirectory(t, { 'a.yaml': 'a', 'b.yaml': 'b' })
  const selection = selectConfiguration([join(directory, 'a.yaml'), join(directory, 'b.yaml')], {})
  const program = putProgram(join(directory, 'program'), `#!/bin/sh\n[ "$*" = "validate --config=${selection.files[0]} --config=${selection.files[1]}" ] && [ "$MARK" = here ]\n`)
  t.match(await askCollector(program, selection, { MARK: 'here' }), { kind: 'configuration', what: selection.name, problem: undefined })
  t.match(await askCollector(program, selection, {}), { problem: 'the collector ended with 1' })
  const dollars = putProgram(join(directory, 'dollars'), '#!/bin/sh\n[ "$DD_API_KEY" = \'a$$b\' ]\n')
  t.match(await askCollector(dollars, selection, { DD_API_KEY: 'a$b' }), { problem: undefined }, 'as the collector reads it')
})

t.test('its words are shown, and secrets are not', async t => {
  const directory = temporaryDirectory(t)
  const env = { CLICKHOUSE_PASSWORD: 'p4ssw0rd', CLICKHOUSE_ENDPOINT: 'tcp://user:s3cret@host' }
  const program = putProgram(join(directory, 'program'), '#!/bin/sh\necho "Error: $CLICKHOUSE_ENDPOINT with $CLICKHOUSE_PASSWORD" >&2\nexit 1\n')
  t.match(await askCollector(program, selectConfiguration(['file'], {}), env), { problem: 'Error: tcp://host with ***' })
  const killed = putProgram(join(directory, 'killed'), '#!/bin/sh\nkill -9 $$\n')
  t.match(await askCollector(killed, selectConfiguration(['file'], {}), env), { problem: 'the collector ended with SIGKILL' })
})

t.test('one that does not end with what it says is ended', async t => {
  const program = putProgram(join(temporaryDirectory(t), 'endless'), '#!/bin/sh\ntrap "" TERM\nexec yes\n')
  t.match(await askCollector(program, selectConfiguration(['file'], {}), {}), { problem: 'it did not come to an end with what it says of it' })
})
