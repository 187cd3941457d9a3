/* eslint no-template-curly-in-string: off -- variables of the collector look like that */
import t from 'tap'
import { collectorEnvironment, withLiteralValues } from '../../lib/collector/collector-environment.ts'

t.test('a variable of the configurations that is empty counts as not set', async t => {
  t.same(collectorEnvironment({ LETTA_OTELCOL_HTTP_PORT: ' ', CLICKHOUSE_PASSWORD: 'secret', HTTP_PROXY: '', UNSET: undefined, LETTA_OTELCOL_MEMORY_MIB: 'lots' }, '/letta'),
    { CLICKHOUSE_PASSWORD: 'secret', HTTP_PROXY: '', LETTA_DIR: '/letta', LETTA_OTELCOL_MEMORY_MIB: 'lots' })
})

t.test('the directory and the memory that Go aims at follow what is set', async t => {
  t.same(collectorEnvironment({}, '/letta'), { GOMEMLIMIT: '819MiB', LETTA_DIR: '/letta' })
  t.same(collectorEnvironment({ LETTA_DIR: '/own', LETTA_OTELCOL_MEMORY_MIB: '400' }, '/letta'), { GOMEMLIMIT: '320MiB', LETTA_DIR: '/own', LETTA_OTELCOL_MEMORY_MIB: '400' })
  t.match(collectorEnvironment({ GOMEMLIMIT: '1GiB' }, '/letta'), { GOMEMLIMIT: '1GiB' })
})

t.test('a dollar in a value is one, where the configurations know the variable', async t => {
  t.strictSame(withLiteralValues({ CLICKHOUSE_PASSWORD: 'a$$b${env:HOME}$', OWN: '$$' }), { CLICKHOUSE_PASSWORD: 'a$$$$b$${env:HOME}$$', OWN: '$$' })
})
