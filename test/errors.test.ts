import fc from 'fast-check'
import t from 'tap'
import * as errors from '../lib/errors.ts'
import { describeValue, withoutCredentials } from '../lib/errors.ts'

t.test('every error has its name as code', async t => {
  const codes = Object.keys(errors).filter(name => name.startsWith('LETTA_OTEL_'))
  t.strictSame(codes.sort(), [
    'LETTA_OTEL_ALREADY_REGISTERED', 'LETTA_OTEL_CANNOT_TRACE',
    'LETTA_OTEL_COLLECTOR_ARCHIVE_REFUSED', 'LETTA_OTEL_COLLECTOR_BUILD_FAILED', 'LETTA_OTEL_COLLECTOR_CANNOT_START',
    'LETTA_OTEL_COLLECTOR_CHECKSUM_MISMATCH', 'LETTA_OTEL_COLLECTOR_DOWNLOAD_FAILED', 'LETTA_OTEL_COLLECTOR_INSTALL_FAILED',
    'LETTA_OTEL_COLLECTOR_INVALID_CONFIGURATION', 'LETTA_OTEL_COLLECTOR_SEVERAL_CONFIGURATIONS',
    'LETTA_OTEL_COLLECTOR_UNAVAILABLE', 'LETTA_OTEL_COLLECTOR_UNKNOWN_CONFIGURATION', 'LETTA_OTEL_COLLECTOR_UNSUPPORTED_PLATFORM',
    'LETTA_OTEL_COLLECTOR_UNUSABLE', 'LETTA_OTEL_FILE_UNREADABLE', 'LETTA_OTEL_INVALID_ENVIRONMENT', 'LETTA_OTEL_INVALID_OPTION',
    'LETTA_OTEL_NOT_FOUND', 'LETTA_OTEL_NOT_IN_MEMORY', 'LETTA_OTEL_NO_ORGANIZATION', 'LETTA_OTEL_PORT_IN_USE',
    'LETTA_OTEL_RUNTIME_CONFLICT', 'LETTA_OTEL_SQL_REFUSED',
    'LETTA_OTEL_STORE_BACKUP_FAILED', 'LETTA_OTEL_STORE_ENGINE_MISSING', 'LETTA_OTEL_STORE_INVALID_PARAMETER',
    'LETTA_OTEL_STORE_NOT_MIGRATED', 'LETTA_OTEL_STORE_NO_ANSWER', 'LETTA_OTEL_STORE_RETENTION_SHORTER',
    'LETTA_OTEL_STORE_STATEMENT_FAILED', 'LETTA_OTEL_STORE_TOO_NEW', 'LETTA_OTEL_STORE_UNAVAILABLE', 'LETTA_OTEL_STORE_UNKNOWN_QUERY'
  ])
  t.match(new errors.LETTA_OTEL_ALREADY_REGISTERED(), { code: 'LETTA_OTEL_ALREADY_REGISTERED' })
  t.match(new errors.LETTA_OTEL_NOT_IN_MEMORY(), { code: 'LETTA_OTEL_NOT_IN_MEMORY' })
  const invalid = new errors.LETTA_OTEL_INVALID_OPTION('a', 'b', 'c')
  t.type(invalid, TypeError)
  t.equal(invalid.message, 'letta-otel option "a" cannot be b: c')
  t.type(new errors.LETTA_OTEL_INVALID_ENVIRONMENT('A', 'b', 'c'), TypeError)
  t.equal(new errors.LETTA_OTEL_INVALID_ENVIRONMENT('A', 'b', 'c').message, 'environment variable A cannot be b: c')
  t.match(new errors.LETTA_OTEL_NOT_FOUND('step-1'), { statusCode: 404, message: 'step-1 not found' })
  t.match(new errors.LETTA_OTEL_NO_ORGANIZATION(), { statusCode: 401 })
  t.match(new errors.LETTA_OTEL_STORE_NO_ANSWER('x'), { statusCode: 503 })
  t.match(new errors.LETTA_OTEL_RUNTIME_CONFLICT('a', 'b', 'c').message, /^letta-otel option "a" cannot be b: telemetry of this process already runs with c\. /)
})

t.test('values are shown short', async t => {
  const shown: Array<[unknown, string]> = [
    ['a"b', '"a\\"b"'], ['x'.repeat(200), `"${'x'.repeat(100)}"`], [7, '7'], [2n, '2'], [true, 'true'], [null, 'null'], [undefined, 'undefined'],
    [Symbol('s'), 'Symbol(s)'], [() => 1, 'a function'], [[1], 'an array'], [{}, 'an object'], [Object.create(null), 'an object']
  ]
  for (const [value, text] of shown) t.equal(describeValue(value), text)
})

t.test('a URL loses user, password, query and fragment', async t => {
  const urls: Array<[string, string]> = [
    ['http://user:pass@host:4318/v1', 'http://host:4318/v1'],
    ['https://user@host', 'https://host'],
    ['https://a@b:c@host/p', 'https://host/p'],
    ['http://host/path?key=1#x', 'http://host/path'],
    ['http://host?key=1', 'http://host'],
    ['http://host#key', 'http://host'],
    ['http://host/a@b', 'http://host/a@b'],
    ['http://host', 'http://host'],
    ['http:\\\\user:pass@host', 'http://host'],
    ['http:user:pass@host', 'http://host'],
    ['http:///user:pass@host/v1', 'http://host/v1']
  ]
  for (const [url, without] of urls) t.equal(withoutCredentials(url), without, url)
})

t.test('text that is no URL loses what could be a password; other text stays', async t => {
  const texts: Array<[string, string]> = [
    ['user:pass@host:4318', 'host:4318'],
    ['http://user:pa/ss@host:4318/v1?key=1', 'host:4318/v1'],
    ['http://user:pa?ss@ho st#key', 'ho st'],
    ['localhost:4318?key=1', 'localhost:4318'],
    ['http://', 'http://'],
    ['GET /a?b', 'GET /a?b'],
    ['plain text', 'plain text'],
    ['', '']
  ]
  for (const [text, without] of texts) t.equal(withoutCredentials(text), without, text)
})

const secret = fc.string({ minLength: 1 }).map(text => `S3CR3T${text}S3CR3T`)
const escaped = secret.map(text => encodeURIComponent(text.toWellFormed()))

t.test('credentials never survive', async t => {
  fc.assert(fc.property(fc.constantFrom('http', 'https', 'grpc', 'redis+tls'), fc.domain(), escaped, escaped, fc.webPath(), (scheme, host, user, password, path) => {
    for (const url of [
      `${scheme}://${user}:${password}@${host}${path}`, `${scheme}://${host}${path}?key=${password}`, `${scheme}://${host}${path}#${user}`,
      `${scheme}://${user}@${host}`, `${scheme}:${user}:${password}@${host}`, `${user}:${password}@${host}`
    ]) {
      if (withoutCredentials(url).includes('S3CR3T') || describeValue(url).includes('S3CR3T')) return false
    }
    return true
  }))
  t.pass()
})

t.test('nor do they where somebody forgot to escape them and the URL is refused for it', async t => {
  fc.assert(fc.property(secret, fc.domain(), escaped, (password, host, key) => {
    const url = `http://user:${password}@${host}/v1?key=${key}`
    fc.pre(!URL.canParse(url))
    return !withoutCredentials(url).includes('S3CR3T')
  }))
  t.pass()
})

t.test('what is shown of a URL is that URL', async t => {
  fc.assert(fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true, authoritySettings: { withUserInfo: true, withPort: true } }), url => {
    const given = new URL(url)
    const shown = new URL(withoutCredentials(url))
    return shown.origin === given.origin && shown.pathname === given.pathname &&
      [shown.username, shown.password, shown.search, shown.hash].join('') === ''
  }))
  fc.assert(fc.property(fc.string(), text => !withoutCredentials(text).includes('@') || URL.canParse(text)))
  t.pass()
})
