import t from 'tap'
import { launchEnvironment } from '../../lib/collector/launch-environment.ts'

t.test('a collector listens to its own machine, unless it is told otherwise', async t => {
  t.match(launchEnvironment({}, '/letta'), { LETTA_OTELCOL_HOST: '127.0.0.1', LETTA_DIR: '/letta' })
  t.match(launchEnvironment({ LETTA_OTELCOL_HOST: '0.0.0.0' }, '/letta'), { LETTA_OTELCOL_HOST: '0.0.0.0' })
  t.match(launchEnvironment({ LETTA_OTELCOL_HOST: ' ' }, '/letta'), { LETTA_OTELCOL_HOST: '127.0.0.1' })
  for (const host of ['::1', '[::1]', ' ::1 ']) t.match(launchEnvironment({ LETTA_OTELCOL_HOST: host }, '/letta'), { LETTA_OTELCOL_HOST: '[::1]' }, 'a port follows it')
})
