import { ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { brotliCompressSync, deflateSync, gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import t from 'tap'
import { readBlocks, writeBlocks } from '../../../lib/backend/clickhouse/compressed-blocks.ts'
import { lengthOfInsert } from '../../../lib/backend/clickhouse/statement.ts'
import { temporaryDirectory } from '../../temporary-directory.ts'
import { runningBackend } from '../running-backend.ts'

const path = temporaryDirectory(t)
const backend = await runningBackend(t, { path })
const TABLE = 'CREATE TABLE t (id UInt32, name String, tags Map(LowCardinality(String), String), at DateTime64(3) DEFAULT now64(3)) ENGINE = MergeTree ORDER BY id'

interface Answered {
  readonly status: number
  readonly code: string | null
  readonly text: string
  readonly headers: Headers
}

async function ask (search: string, body?: string | Uint8Array, headers: Readonly<Record<string, string>> = {}): Promise<Answered> {
  const response = await fetch(`${backend.clickhouseUrl}/${search}`, { method: body === undefined ? 'GET' : 'POST', headers, ...body !== undefined && { body: body as string } })
  return { status: response.status, code: response.headers.get('x-clickhouse-exception-code'), text: await response.text(), headers: response.headers }
}

t.test("ClickHouse's own client works with it", async t => {
  for (const compression of [true, false]) {
    const database = `client_${compression}`
    const root = createClient({ url: backend.clickhouseUrl })
    await root.command({ query: `CREATE DATABASE ${database}` })
    await root.close()
    const client = createClient({ url: backend.clickhouseUrl, database, username: 'default', password: '', compression: { request: compression, response: compression }, log: { level: ClickHouseLogLevel.OFF } })
    t.same(await client.ping(), { success: true })
    t.same(await client.ping({ select: true }), { success: true })
    await client.command({ query: TABLE })
    await client.insert({ table: 't', values: Array.from({ length: 2_000 }, (_, id) => ({ id, name: `name ${id}`, tags: { é: '"' } })), format: 'JSONEachRow' })
    await client.insert({ table: 't', columns: ['id', 'name'], values: [[5_000, 'x']], format: 'JSONCompactEachRow', clickhouse_settings: { insert_deduplication_token: 'a' } })
    const parameters = { text: "x'\\\n\ty", list: [1, 2], at: new Date(0), nothing: null }
    const values = await client.query({ query: 'SELECT {text:String} AS text, {list:Array(UInt32)} AS list, {at:DateTime} AS at, {nothing:Nullable(String)} AS nothing', query_params: parameters, format: 'JSONEachRow' })
    t.same(await values.json(), [{ text: "x'\\\n\ty", list: [1, 2], at: '1970-01-01 00:00:00', nothing: null }])
    const sums = await client.query({ query: 'SELECT count() AS rows, max(id) AS last, any(tags) AS tags, min(at) > now() - 60 AS isNow FROM t WHERE id < 2000 OR id = 5000', format: 'JSON' })
    t.match(await sums.json(), { data: [{ rows: '2001', last: 5_000, isNow: 1 }], rows: 1 })
    const rows = await client.query({ query: 'SELECT id, name FROM t ORDER BY id', format: 'JSONEachRow' })
    let count = 0
    for await (const chunk of rows.stream()) count += chunk.length
    t.equal(count, 2_001)
    await t.rejects(client.command({ query: 'SELECT * FROM nothing_there' }), { code: '60', type: 'UNKNOWN_TABLE' })
    await t.rejects(client.command({ query: 'SELEKT' }), { code: '62' })
    await t.rejects(client.insert({ table: 't', values: [{ id: 'x' }], format: 'JSONEachRow' }), { code: '27' })
    await client.close()
  }
})

t.test('statements and rows are in the address, in the body, or in both', async t => {
  t.equal((await ask('', TABLE.replace('TABLE t', 'TABLE otel.t'))).status, 200)
  const inserts: Array<[search: string, body: string | Uint8Array]> = [
    ['?database=otel', "INSERT INTO t (id, name) VALUES (1, 'VALUES ('), (2, 'FORMAT x')"],
    ['?database=otel&query=INSERT+INTO+t+(id,+name)+VALUES', "(3, 'three')"],
    ['?database=otel', 'INSERT INTO t FORMAT JSONEachRow\n{"id":4,"name":"é"}\n'],
    ['?database=otel&query=INSERT+INTO+t+(id)+SETTINGS+max_insert_threads=1+FORMAT+RowBinary', Buffer.from([5, 0, 0, 0, 6, 0, 0, 0])],
    ['?database=otel', Buffer.concat([Buffer.from('INSERT INTO t (id, name) FORMAT RowBinary\n'), Buffer.from([7, 0, 0, 0, 2, 0xff, 0xfe])])],
    ['?database=otel', 'INSERT INTO t (id, name) SELECT number + 8, toString(number) FROM numbers(2)'],
    ['?database=otel&query=INSERT+INTO+t+FORMAT+JSONEachRow', '']
  ]
  for (const [search, body] of inserts) t.match(await ask(search, body), { status: 200, code: null, text: '' }, search)
  t.equal((await ask('?query=SELECT+groupArray(id)+FROM+(SELECT+id+FROM+otel.t+ORDER+BY+id)')).text, '[1,2,3,4,5,6,7,8,9]\n')
  t.equal((await ask('?query=SELECT+hex(name)+FROM', 'otel.t WHERE id = 7')).text, 'FFFE\n', 'bytes stay as they are')
  t.equal((await ask('?query=SELECT+name+FROM+otel.t+WHERE+id+=+4')).text, 'é\n')
  t.strictSame(await readdir(join(path, 'incoming')), [], 'nothing is left of them')
})

t.test('where rows begin is found in one pass, whatever stands before them', async t => {
  const begins = (text: string): string | undefined => {
    const length = lengthOfInsert(text)
    return length === undefined ? undefined : text.slice(length)
  }
  t.equal(begins('-- INSERT\n/* x */ # y\n insert into a."b""c".`VALUES` (d, "FORMAT") VALUES (1)'), ' (1)')
  t.equal(begins("INSERT INTO FUNCTION f('a\\' FORMAT b', $x$ VALUES $ $x$) /* VALUES */ SETTINGS a = 'it''s' FORMAT CSV\n1,2"), '1,2')
  t.equal(begins('INSERT INTO a.values VALUES (1)'), ' (1)')
  for (const text of ['', 'SELECT 1 FORMAT CSV', 'INSERTS INTO a VALUES', 'INSERT INTO a SELECT 1 FORMAT CSV', 'INSERT INTO a WITH 1 AS b SELECT b', "INSERT INTO 'a VALUES (1)", 'INSERT INTO a /* VALUES']) t.equal(begins(text), undefined, text)
  const many = 1_000_000
  for (const [start, end] of [['-', '\nSELECT 1'], ['-- \n', 'SELECT 1'], ['/*', ''], ["'", '\\'], ['$a$ ', ''], ['#!', ''], [' ', 'x']]) {
    for (const before of ['', 'INSERT INTO a ']) t.equal(begins(before + start!.repeat(many) + end!), undefined)
  }
  t.equal((await ask('', `${'-'.repeat(many)}\nSELECT 1`)).text, '1\n')
  t.match(await ask('', `SELECT ${'; '.repeat(many)}x`), { status: 400, code: '62' })
})

t.test('formats, settings, parameters, the database and sessions', async t => {
  t.match(await ask('?default_format=JSONCompact', 'SELECT 1 AS a'), { headers: { get: Function } })
  t.equal((await ask('?default_format=JSONEachRow', 'SELECT 1 AS a')).text, '{"a":1}\n')
  const csv = await ask('', 'SELECT 1, 2 FORMAT CSV')
  t.equal(csv.text, '1,2\n')
  t.match(csv.headers.get('content-type'), /^text\/csv/)
  t.equal(csv.headers.get('x-clickhouse-format'), 'CSV')
  t.equal((await ask('', 'SELECT 3', { 'x-clickhouse-format': 'JSONEachRow', 'x-clickhouse-database': 'otel' })).text, '{"3":3}\n')
  t.equal((await ask('?max_threads=3', "SELECT getSetting('max_threads')")).text, '3\n')
  t.equal((await ask('', "SELECT getSetting('max_threads') = 3")).text, '0\n', 'a setting is of its request alone')
  t.equal((await ask('?param_a=it%27s&param_n=%5CN', 'SELECT {a:String}, {n:Nullable(String)}')).text, "it\\'s\t\\N\n")
  t.match(await ask('', 'SELECT {a:String}'), { status: 400, code: '456' })
  t.equal((await ask('?database=otel', 'SELECT currentDatabase()')).text, 'otel\n')
  t.match(await ask('?database=none_such', 'SELECT 1'), { status: 404, code: '81' })
  t.match(await ask('?database=a%60b', 'SELECT 1'), { code: /\d+/ })
  t.match(await ask('?no_such_setting=1', 'SELECT 1'), { status: 404, code: '115' })
  t.match(await ask('?a%20=1', 'SELECT 1'), { status: 404, code: '115' })
  t.match(await ask('?param_a%20=1', 'SELECT 1'), { status: 400, code: '36' })
  t.equal((await ask('?session_id=s', 'CREATE TEMPORARY TABLE q (a Int8)')).status, 200)
  t.equal((await ask('?session_id=s', 'INSERT INTO q VALUES (1), (2)')).status, 200)
  t.equal((await ask('?session_id=s', 'SELECT sum(a) FROM q')).text, '3\n')
  t.match(await ask('', 'SELECT sum(a) FROM q'), { status: 404, code: '60' })
  const twice = await Promise.all([ask('?session_id=s', 'SELECT sleep(0.2)'), ask('?session_id=s', 'SELECT sleep(0.2)')])
  t.strictSame(twice.map(({ status }) => status).sort(), [200, 423], 'a session does one thing at a time')
  for (const timeout of ['-1', '', 'soon', '1e3', '1.5']) t.match(await ask(`?session_id=s&session_timeout=${timeout}`, 'SELECT 1'), { status: 500, code: '374' }, timeout)
  t.match(await ask('?session_id=never&session_check=1', 'SELECT 1'), { status: 500, code: '372' })
  t.equal((await ask('?session_id=s&session_check=1&session_timeout=5', 'SELECT sum(a) FROM q')).text, '3\n')
})

t.test('what a request says of itself is not left in its session', async t => {
  const inSession = async (search: string, body: string): Promise<string> => (await ask(`?session_id=own&${search}`, body)).text
  t.equal(await inSession('', 'SET max_block_size = 77, max_execution_time = 20'), '')
  t.equal(await inSession('database=system&max_block_size=5&max_threads=3&max_execution_time=10', "SELECT currentDatabase(), getSetting('max_block_size'), getSetting('max_threads'), getSetting('max_execution_time')"), 'system\t5\t3\t10\n')
  t.match(await inSession('max_threads=4&no_such_setting=1', 'SELECT 1'), /UNKNOWN_SETTING/)
  t.equal(await inSession('', "SELECT currentDatabase() = 'system', getSetting('max_block_size'), getSetting('max_threads') IN (3, 4), getSetting('max_execution_time')"), '0\t77\t0\t20\n')
  t.equal((await ask('?session_id=own&query=SELECT+1')).text, '1\n')
  for (const search of ['query=DROP+TABLE+otel.t', 'query=CREATE+TEMPORARY+TABLE+x+(a+Int8)&readonly=0']) t.match(await ask(`?session_id=own&${search}`), { status: 403, code: '164' })
  t.match(await ask('?session_id=own&readonly=1', 'CREATE TEMPORARY TABLE x (a Int8)'), { status: 403, code: '164' })
  t.equal(await inSession('', 'CREATE TEMPORARY TABLE x (a Int8)'), '', 'and it can be written in after that')
  t.equal(await inSession('', 'USE otel'), '')
  t.equal(await inSession('', 'SELECT currentDatabase()'), 'otel\n')
})

t.test('a request may lower what bounds it, not lift it', async t => {
  const limits = "SELECT getSetting('max_execution_time'), getSetting('max_result_bytes')"
  for (const search of ['', '?max_execution_time=0&max_result_bytes=0', '?max_execution_time=1e9&max_result_bytes=1000000000000', '?session_id=limits']) t.equal((await ask(search, limits)).text, `300\t${256 * 1024 * 1024}\n`, search)
  t.equal((await ask('?max_execution_time=2&max_result_bytes=1000', limits)).text, '2\t1000\n')
  for (const value of ['0', '301', 'DEFAULT']) t.match(await ask('', `${limits} SETTINGS \`max_execution_time\` /**/ = ${value}`), { code: value === 'DEFAULT' ? '497' : '452' }, value)
  for (const value of ['0', '1e12']) await ask('?session_id=limits', `SET max_result_bytes = ${value}`)
  t.equal((await ask('?session_id=limits', limits)).text, `300\t${256 * 1024 * 1024}\n`)
  t.match(await ask('?max_result_bytes=1000', 'SELECT number FROM numbers(1000000)'), { code: '396' })
  t.equal((await ask('?max_result_bytes=1000&session_id=limits', 'CREATE TEMPORARY TABLE many AS SELECT number FROM numbers(1000000)')).text, '', 'rows that are inserted are no answer')
})

t.test('a form brings a query and its parameters', async t => {
  const form = new FormData()
  form.set('query', 'SELECT {x:String} AS x')
  form.set('param_x', 'é')
  const response = await fetch(`${backend.clickhouseUrl}/?default_format=JSONEachRow`, { method: 'POST', body: form })
  t.equal(await response.text(), '{"x":"é"}\n')
  form.set('external', new Blob(['1']), 'external')
  t.equal((await fetch(`${backend.clickhouseUrl}/`, { method: 'POST', body: form })).status, 501)
})

t.test('bodies and answers are compressed in every way that clients know', async t => {
  const statement = `SELECT 1 AS a, '${'x'.repeat(2_000)}' AS b FORMAT JSONEachRow`
  const expected = `{"a":1,"b":"${'x'.repeat(2_000)}"}\n`
  for (const [encoding, compress] of [['gzip', gzipSync], ['deflate', deflateSync], ['br', brotliCompressSync], ['zstd', zstdCompressSync]] as const) {
    t.equal((await ask('', compress(Buffer.from(statement)), { 'content-encoding': encoding })).text, expected, encoding)
  }
  t.match(await ask('', 'x', { 'content-encoding': 'lzma' }), { status: 500, code: '89' })
  t.match(await ask('', 'x', { 'content-encoding': 'gzip' }), { code: '354' })
  for (const [encoding, decompress] of [['gzip', gunzipSync], ['zstd', zstdDecompressSync]] as const) {
    // As it was sent: fetch reads zstd in some versions of Node only.
    const request = httpRequest(`${backend.clickhouseUrl}/?enable_http_compression=1`, { method: 'POST', headers: { 'accept-encoding': encoding } }).end(statement)
    const [answer] = await once(request, 'response') as [IncomingMessage]
    t.equal(answer.headers['content-encoding'], encoding)
    t.equal(decompress(await buffer(answer)).toString(), expected)
  }
  const response = await fetch(`${backend.clickhouseUrl}/?compress=1&decompress=1`, { method: 'POST', body: new Uint8Array(Buffer.concat(await writeBlocks([Buffer.from(statement)]))) })
  t.equal((await readBlocks(Buffer.from(await response.arrayBuffer()), 1e6)).toString(), expected)
  t.match(await ask('?decompress=1', 'no blocks, but enough bytes for the head of one'), { code: '271' })
})

t.test('what reads changes nothing', async t => {
  t.match(await ask('?query=DROP+TABLE+otel.t'), { status: 403, code: '164' })
  t.match(await ask('?readonly=1', 'DROP TABLE otel.t'), { status: 403, code: '164' })
})

t.test('what is no query is answered as by a server', async t => {
  t.equal((await ask('')).text, 'Ok.\n')
  t.equal((await ask('ping')).text, 'Ok.\n')
  t.match(await ask('play'), { status: 404 })
  for (const id of ['a%0Ab', '%E4%B8%AD']) t.match(await ask(`?query_id=${id}`, 'CREATE TABLE otel.never (a Int8) ENGINE = Memory'), { status: 400, code: '36' })
  t.equal((await ask('', 'EXISTS TABLE otel.never')).text, '0\n')
  t.match(await ask('', ''), { status: 400, code: '62' })
  t.equal((await fetch(`${backend.clickhouseUrl}/`, { method: 'DELETE' })).status, 501)
  t.match(await ask('', 'SELECT 1', { origin: 'http://evil.example' }), { status: 403, code: '497' })
  t.match(await ask('?max_execution_time=1', 'SELECT count() FROM numbers(1000000000000)'), { status: 408, code: '159' })
})

t.test('queries do not wait for one another', async t => {
  const start = performance.now()
  await Promise.all([1, 2, 3].map(async () => await ask('', 'SELECT sleep(1)')))
  t.ok(performance.now() - start < 2_900)
})

t.test('large answers come whole, in every form', async t => {
  const statement = 'SELECT number AS n, repeat(\'x\', 30) AS s FROM numbers(20000)'
  const { text } = await ask('?default_format=JSONEachRow', statement)
  t.match([text.length > 800_000, text.split('\n').length], [true, 20_001])
  for (const [encoding, decompress] of [['gzip', gunzipSync], ['zstd', zstdDecompressSync]] as const) {
    const request = httpRequest(`${backend.clickhouseUrl}/?enable_http_compression=1&default_format=JSONEachRow`, { method: 'POST', headers: { 'accept-encoding': encoding } }).end(statement)
    const [answer] = await once(request, 'response') as [IncomingMessage]
    t.equal(decompress(await buffer(answer)).toString(), text, encoding)
  }
  const blocks = await fetch(`${backend.clickhouseUrl}/?compress=1&default_format=JSONEachRow`, { method: 'POST', body: statement })
  t.equal((await readBlocks(Buffer.from(await blocks.arrayBuffer()), 1e7)).toString(), text)
  const native = await fetch(`${backend.clickhouseUrl}/?default_format=Native&client_protocol_version=54460`, { method: 'POST', body: statement })
  t.equal(native.headers.get('content-length'), String((await native.arrayBuffer()).byteLength))
  const head = await fetch(`${backend.clickhouseUrl}/?default_format=JSONEachRow&query=${encodeURIComponent(statement)}`, { method: 'HEAD' })
  t.match([head.status, head.headers.get('content-length')], [200, String(text.length)])
})

t.test('a client that leaves while it is answered takes nothing with it', async t => {
  const large = httpRequest(`${backend.clickhouseUrl}/`, { method: 'POST' }).end("SELECT repeat('x', 1000) FROM numbers(50000)")
  large.on('error', () => {})
  await once(large, 'response')
  large.destroy()
  t.equal((await ask('', 'SELECT 1')).text, '1\n')
})
