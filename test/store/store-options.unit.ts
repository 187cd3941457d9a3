import t from 'tap'
import { engineLocation, storeOptionsFromEnvironment, writerSettings } from '../../lib/store/store-options.ts'

t.test('the environment names a server, or none', t => {
  t.equal(storeOptionsFromEnvironment({}), undefined)
  t.equal(storeOptionsFromEnvironment({ CLICKHOUSE_ENDPOINT: ' ', CLICKHOUSE_PASSWORD: 'p' }), undefined)
  t.same(storeOptionsFromEnvironment({ CLICKHOUSE_ENDPOINT: 'http://h:8123' }), { url: 'http://h:8123' })
  t.same(storeOptionsFromEnvironment({
    CLICKHOUSE_ENDPOINT: ' http://h:8123 ', CLICKHOUSE_USERNAME: 'u', CLICKHOUSE_PASSWORD: ' p ', CLICKHOUSE_DATABASE: 'd', CLICKHOUSE_CLUSTER: 'c'
  }), { url: 'http://h:8123', username: 'u', password: ' p ', database: 'd', cluster: 'c' })
  for (const env of [{ CLICKHOUSE_ENDPOINT: 'h:8123' }, { CLICKHOUSE_ENDPOINT: 'http://h', CLICKHOUSE_DATABASE: 'a b' }]) {
    t.throws(() => storeOptionsFromEnvironment(env), { code: 'LETTA_OTEL_INVALID_ENVIRONMENT' })
  }
  t.throws(() => storeOptionsFromEnvironment({ CLICKHOUSE_ENDPOINT: 'tcp://user:secret@h' }), { message: /^((?!secret).)*$/ })
  t.end()
})

t.test('a location has every value', t => {
  t.same(engineLocation({ path: 'p' }), { embedded: { path: 'p', database: 'otel', connectionArguments: [], queryTimeoutMs: 30_000 } })
  t.same(engineLocation({ url: 'https://h', cluster: 'a-b.c', database: 'd', queryTimeoutMs: 5 }), {
    server: { url: 'https://h', username: 'default', password: '', database: 'd', cluster: 'a-b.c', queryTimeoutMs: 5 }
  })
  for (const options of [
    { path: '' }, { url: 'h' }, { url: 'ftp://h' }, { url: 'http://h', cluster: 'a`' }, { path: 'p', database: '1' }, { path: 'p', queryTimeoutMs: 0.5 },
    { path: 'p', storagePolicy: "'" }, { path: 'p', retention: { nothing: { days: 1 } } as never }, { path: 'p', retention: { otel_logs: { days: 1.5 } } },
    { path: 'p', retension: {} } as never, { url: 'http://h', queryTimeoutMs: 2 ** 31 }, { path: 'p', url: 'http://h' }
  ]) t.throws(() => engineLocation(options), { code: 'LETTA_OTEL_INVALID_OPTION' }, JSON.stringify(options))
  t.match(engineLocation({ path: undefined, url: 'http://h' } as never), { server: { url: 'http://h' } }, 'what is undefined is not given')
  t.throws(() => engineLocation({ path: undefined } as never), { code: 'LETTA_OTEL_INVALID_OPTION' })
  t.throws(() => engineLocation({ url: 'http://h', pasword: 'secret' } as never), { message: /"store\.pasword" cannot be a text: unknown/ }, 'a password that is misspelt is not told')
  t.end()
})

t.test('a writer has every value', t => {
  t.match(writerSettings({}), { maxRows: 100_000, maxBytes: 67_108_864, flushIntervalMs: 1_000, shutdownTimeoutMs: 2_000, spool: undefined })
  t.same(writerSettings({ spool: { directory: 'd' } }).spool, { directory: 'd', maxBytes: 268_435_456 })
  writerSettings({}).onProblem('nobody listens')
  for (const options of [{ maxRows: 0 }, { maxBytes: -1 }, { flushIntervalMs: NaN }, { spool: { directory: 'd', maxBytes: 0 } },
    { flushIntervalMs: 2 ** 31 }, { shutdownTimeoutMs: 2 ** 31 }, { spool: {} as never }, { onProblem: 'log' as never }]) {
    t.throws(() => writerSettings(options), { code: 'LETTA_OTEL_INVALID_OPTION' })
  }
  t.end()
})
