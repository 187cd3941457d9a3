import { join } from 'node:path'
import t from 'tap'
import { adviceOnEnd } from '../../lib/collector/early-end.ts'
import type { Setting } from '../../lib/collector/settings.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

t.test('a collector that could not have its queue', async t => {
  const directory = temporaryDirectory(t, { queue: { exporter_clickhouse__traces: '' }, empty: {} })
  const settings = (name: string): Setting[] => [{ name: 'LETTA_OTELCOL_QUEUE_DIR', kind: 'directory', meaning: '', value: join(directory, name), isRequired: false, isSet: false, isInFallback: false }]
  t.equal(await adviceOnEnd(1, 6_000, settings('queue')),
    `where the collector's last words are of a timeout, another collector has ${directory}/queue: one at a time can. End that one, or set LETTA_OTELCOL_QUEUE_DIR to another directory`)
  t.equal(await adviceOnEnd(1, 60_000, settings('queue')), undefined, 'it ran for long')
  t.equal(await adviceOnEnd(143, 6_000, settings('queue')), undefined, 'somebody ended it')
  t.equal(await adviceOnEnd(1, 6_000, settings('empty')), undefined, 'nobody has it')
  t.equal(await adviceOnEnd(1, 6_000, settings('missing')), undefined)
  t.equal(await adviceOnEnd(1, 6_000, []), undefined, 'it has none')
})
