import { createServer } from 'node:net'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { checkPermitted, withoutQuoted } from '../../../lib/backend/clickhouse/permitted.ts'
import { temporaryDirectory } from '../../temporary-directory.ts'
import { runningBackend } from '../running-backend.ts'

const SECRET = 'nobody-may-read-this'

const root = temporaryDirectory(t, { secret: `${SECRET},1\n`, out: {} })
const out = join(root, 'out')
const secret = join(root, 'secret')
const state = { connections: 0 }
const listener = createServer(socket => {
  state.connections += 1
  socket.destroy()
}).listen(0, '127.0.0.1')
await once(listener, 'listening')
t.teardown(() => { listener.close() })
const elsewhere = `127.0.0.1:${(listener.address() as AddressInfo).port}`
const backend = await runningBackend(t, { path: join(root, 'data') })

interface Answered {
  readonly status: number
  readonly text: string
}

async function ask (body: string, search = ''): Promise<Answered> {
  const response = await fetch(`${backend.clickhouseUrl}/${search}`, { method: 'POST', body })
  return { status: response.status, text: await response.text() }
}

/** Nothing of the file was read, nothing written, and nobody was called. */
async function nothingHappened (t: Test, statement: string, { text }: { readonly text: string }): Promise<void> {
  t.notMatch(text, SECRET, `not read: ${statement}`)
  t.strictSame([await readdir(out), state.connections, await readFile(secret, 'utf8')], [[], 0, `${SECRET},1\n`], `not reached: ${statement}`)
}

const READING = [
  `file('${secret}', LineAsString, 'line String')`, `fileCluster('c', '${secret}', LineAsString, 'line String')`, `default.\`${secret}\``, `\`${secret}\``, `'${secret}'`,
  `url('http://${elsewhere}/', LineAsString, 'line String')`, `urlCluster('c', 'http://${elsewhere}/', LineAsString, 'line String')`,
  `s3('http://${elsewhere}/bucket/a.csv', CSV, 'line String')`, `gcs('http://${elsewhere}/bucket/a.csv', CSV, 'line String')`,
  `deltaLake('http://${elsewhere}/bucket/a/')`, `iceberg('http://${elsewhere}/bucket/a/')`, `hudi('http://${elsewhere}/bucket/a/')`,
  `icebergLocal('${out}')`, `deltaLakeLocal('${out}')`, `paimonLocal('${out}')`, `sqlite('${secret}', 't')`, `filesystem('${root}')`,
  `remote('${elsewhere}', system.one)`, `remote('127.0.0.1', view(SELECT file('${secret}')))`, `remoteSecure('${elsewhere}', system.one)`, 'cluster(\'default\', system.one)',
  `mysql('${elsewhere}', 'd', 't', 'u', 'p')`, `postgresql('${elsewhere}', 'd', 't', 'u', 'p')`, `mongodb('${elsewhere}', 'd', 'c', 'u', 'p', 'a String')`,
  `redis('${elsewhere}', 'k', 'k String, v String')`, `hdfs('hdfs://${elsewhere}/a', CSV, 'a String')`, `azureBlobStorage('http://${elsewhere}/a', 'c', 'b', 'a', 'k', 'CSV', 'auto', 'a String')`,
  `odbc('DSN=${elsewhere}', 'a', 'b')`, `jdbc('${elsewhere}', 'a', 'b')`, 'executable(\'cat\', TSV, \'a String\')', `executable('../../../../../../../../bin/cat ${secret}', TSV, 'a String')`,
  `loop(file('${secret}', LineAsString, 'line String'))`, `view(SELECT * FROM file('${secret}', LineAsString))`, `eval('SELECT file(''${secret}'')')`,
  `format(LineAsString, file('${secret}'))`, `values('a String', file('${secret}'))`, `format(JSONEachRow, 'a String, b String DEFAULT file(a)', '{"a":"${secret}"}')`
]

t.test('no table function reads a file or asks another address, however it is written', async t => {
  const ways = [
    (source: string) => `SELECT * FROM ${source}`,
    (source: string) => `/* x */ sElEcT * -- from\n FROM/**/${source} # y\n FORMAT JSON SETTINGS allow_experimental_eval_table_function = 1`
  ]
  for (const source of READING) {
    for (const way of ways) {
      const answer = await ask(way(source))
      t.ok(answer.status >= 400, `${answer.status} ${source}`)
      await nothingHappened(t, way(source), answer)
    }
  }
  const others = [
    (source: string) => `DESCRIBE TABLE ${source}`, (source: string) => `WITH a AS (SELECT * FROM ${source}) SELECT * FROM a`, (source: string) => `SELECT (SELECT count() FROM (SELECT * FROM ${source}))`,
    (source: string) => `CREATE VIEW v1 AS SELECT * FROM ${source}`, (source: string) => `CREATE TABLE v2 ENGINE = Memory AS SELECT * FROM ${source}`, (source: string) => `CREATE TABLE v3 AS ${source}`,
    (source: string) => `EXPLAIN PIPELINE SELECT * FROM ${source}`, (source: string) => `SELECT * FROM system.one UNION ALL SELECT * FROM ${source}`, (source: string) => `SELECT 1 IN (SELECT * FROM ${source})`
  ]
  for (const way of others) {
    for (const source of [READING[0]!, READING[2]!, READING[5]!]) {
      const answer = await ask(way(source))
      t.ok(answer.status >= 400, `${answer.status} ${way(source)}`)
      await nothingHappened(t, way(source), answer)
    }
  }
})

t.test('the function file() reads nothing, by whatever way it is called', async t => {
  for (const statement of ['CREATE TABLE otel.m (a String, b String) ENGINE = Memory', `INSERT INTO otel.m (a) VALUES ('${secret}')`, 'CREATE TABLE otel.mt (a String, b String) ENGINE = MergeTree ORDER BY a']) t.equal((await ask(statement)).status, 200, statement)
  const calls = [
    `SELECT file('${secret}')`, `SELECT file('${secret}', 'otherwise')`, `SELECT \`file\`('${secret}')`, `SELECT "file"  ('${secret}')`, `SELECT file/**/('${secret}')`,
    `SELECT arrayMap(file, ['${secret}'])`, `SELECT arrayMap(x -> file(x), ['${secret}'])`, `SELECT * APPLY(file) FROM (SELECT '${secret}' AS a)`, 'SELECT file(a) FROM otel.m',
    `SELECT file('${secret}') SETTINGS enable_analyzer = 0`, 'SELECT file(a) FROM otel.m SETTINGS enable_analyzer = 0', `WITH file('${secret}') AS x SELECT x`, `SELECT 1 LIMIT length(file('${secret}'))`,
    `SELECT * FROM numbers(length(file('${secret}')))`, `INSERT INTO otel.m VALUES ('x', file('${secret}'))`, `INSERT INTO otel.m SELECT 'x', file('${secret}')`, 'ALTER TABLE otel.m UPDATE b = file(a) WHERE 1',
    'CREATE FUNCTION f AS x -> file(x)', 'DROP FUNCTION file', 'CREATE OR REPLACE FUNCTION file AS x -> x', `SELECT catboostEvaluate('${secret}', 1)`
  ]
  for (const call of calls) {
    const answer = await ask(call)
    t.ok(answer.status >= 400, `${answer.status} ${call}`)
    await nothingHappened(t, call, answer)
  }
  t.match(await ask(`SELECT file('${secret}')`), { status: 403, text: /^Code: 497\. DB::Exception: files of this machine are not read \(ACCESS_DENIED\)/ })
  // Expressions of a table are made use of later.
  for (const statement of ['CREATE VIEW otel.v AS SELECT file({p:String})', 'ALTER TABLE otel.m MODIFY COLUMN b String DEFAULT file(a)', 'CREATE TABLE otel.d (a String, b String ALIAS file(a)) ENGINE = Memory', `INSERT INTO otel.d (a) VALUES ('${secret}')`]) await ask(statement)
  for (const statement of [`SELECT * FROM otel.v(p = '${secret}')`, `INSERT INTO otel.m (a) VALUES ('${secret}')`, 'SELECT a, b FROM otel.m', 'SELECT b FROM otel.d']) await nothingHappened(t, statement, await ask(statement))
  t.match(await backend.rows('SELECT b FROM otel.m'), [{ b: '' }])
  t.match((await ask("SELECT 'file(' AS `file`, count() FROM system.tables WHERE name = 'file'")).text, /^file\(\t0/, 'words in texts and names are none')
})

t.test('nothing is written, attached, restored or run outside of the data', async t => {
  const statements = [
    `SELECT 1 INTO OUTFILE '${out}/a'`, `SELECT 1 INTO/**/OUTFILE '${out}/a' FORMAT CSV`, `EXPLAIN SELECT 1 INTO OUTFILE '${out}/a'`, `SHOW TABLES INTO OUTFILE '${out}/a'`, `INSERT INTO otel.m FROM INFILE '${secret}' FORMAT CSV`,
    `SELECT 1; SELECT 2 INTO OUTFILE '${out}/a'`, `INSERT INTO otel.m (a) VALUES ('1'); SELECT 1 INTO OUTFILE '${out}/a'`, `INSERT INTO otel.m SELECT a, a FROM input('a String') FORMAT CSV 1\nSELECT 1 INTO OUTFILE '${out}/a'`,
    `INSERT INTO otel.m SELECT a, a FROM input('a String') FORMAT CSV\n1\n;\nSELECT 1 INTO OUTFILE '${out}/a'`, `INSERT INTO otel.m # FORMAT CSV\nFROM INFILE '${secret}' FORMAT CSV`, `INSERT INTO otel.m /* FORMAT CSV */ FROM INFILE '${secret}' FORMAT CSV\n`,
    `INSERT INTO FUNCTION file('${out}/a', CSV, 'a String') VALUES ('x')`, `INSERT INTO TABLE FUNCTION file('${out}/a', CSV, 'a String') SELECT 'x'`, `INSERT INTO FUNCTION url('http://${elsewhere}/', CSV, 'a String') VALUES ('x')`, `INSERT INTO \`${secret}\` VALUES ('x')`,
    ...['File(CSV', 'EmbeddedRocksDB(0', '`EmbeddedRocksDB`(0', '/**/"EmbeddedRocksDB"(0', 'SQLite(\'a\'', 'FileLog(\'CSV\''].map(engine => `CREATE TABLE otel.e (a String) ENGINE = ${engine}, '${out}/a') PRIMARY KEY a`),
    ...['URL', 'S3', 'MySQL', 'PostgreSQL', 'Kafka', 'Remote', 'Distributed', 'Executable', 'Redis', 'KeeperMap'].map(engine => `CREATE TABLE otel.e (a String) ENGINE = ${engine}('http://${elsewhere}/bucket/a', 'b', 'c', 'CSV')`),
    `CREATE MATERIALIZED VIEW otel.e ENGINE = File(CSV, '${out}/a') AS SELECT a FROM otel.m`, `CREATE TEMPORARY TABLE e (a String) ENGINE = File(CSV, '${out}/a')`, `CREATE OR REPLACE TABLE otel.e (a String) ENGINE = File(CSV, '${out}/a')`,
    ...['Filesystem', 'SQLite', 'S3', 'MySQL', 'PostgreSQL', 'Backup', 'DataLakeCatalog', 'Replicated'].map(engine => `CREATE DATABASE e ENGINE = ${engine}('${out}')`),
    ...[`local', path = '${out}/a/`, `web', endpoint = 'http://${elsewhere}/`, `s3', endpoint = 'http://${elsewhere}/bucket/`, `object_storage', object_storage_type = 'local', metadata_type = 'plain', path = '${out}/a/`].flatMap(disk => [
      `CREATE TABLE otel.e (a String) ENGINE = MergeTree ORDER BY a SETTINGS disk = disk(type = '${disk}')`, `CREATE TABLE otel.e (a String) ENGINE = Log SETTINGS disk/**/=/**/ DISK(type = '${disk}')`,
      `ALTER TABLE otel.mt MODIFY SETTING disk = disk(type = '${disk}')`, `CREATE DATABASE e SETTINGS disk = disk(type = '${disk}')`
    ]),
    `BACKUP TABLE otel.m TO File('${out}/a')`, `BACKUP TABLE otel.m TO S3('http://${elsewhere}/bucket/a', 'b', 'c')`, `RESTORE TABLE otel.m AS otel.e FROM S3('http://${elsewhere}/bucket/a', 'b', 'c')`, `RESTORE TABLE otel.m AS otel.e FROM File('${out}/a')`,
    `ATTACH TABLE otel.e FROM '${out}' (a String) ENGINE = MergeTree ORDER BY a`, `CREATE TABLE otel.e (a Int8) ENGINE = Memory PARALLEL WITH RESTORE TABLE otel.m AS otel.e2 FROM S3('http://${elsewhere}/bucket/a', 'b', 'c')`,
    ...[`EXECUTABLE(COMMAND 'cat ${secret}' FORMAT 'CSV')`, `FILE(PATH '${secret}' FORMAT 'CSV')`, `HTTP(URL 'http://${elsewhere}/' FORMAT 'CSV')`, `CLICKHOUSE(HOST '127.0.0.1' PORT ${elsewhere.slice(10)} TABLE 'x')`].map(source => `CREATE DICTIONARY otel.e (a String, b String) PRIMARY KEY a SOURCE(${source}) LAYOUT(COMPLEX_KEY_HASHED()) LIFETIME(0)`),
    ...['template_resultset', 'template_row'].map(setting => `SELECT 1 AS a FORMAT Template SETTINGS format_${setting} = '${secret}'`), `SELECT formatRow('Template', 1) SETTINGS format_template_row = '${secret}'`, `SET format_template_row = '${secret}'`,
    `SELECT 'x' AS a FORMAT Protobuf SETTINGS output_format_schema = '${out}/a.proto', format_protobuf_use_autogenerated_schema = 1`, `SELECT * FROM format(CSV, 'a UInt8', 'x') SETTINGS input_format_record_errors_file_path = '${out}/a', input_format_allow_errors_num = 10`,
    `SELECT * FROM format(AvroConfluent, 'a String', unhex('0000000001')) SETTINGS format_avro_schema_registry_url = 'http://${elsewhere}/'`,
    'GRANT FILE ON *.* TO default', 'CREATE USER u', 'CREATE NAMED COLLECTION c AS a = 1', "SET dialect = 'kusto'", 'EXECUTE AS default SELECT 1', 'SYSTEM SHUTDOWN', "SYSTEM UNFREEZE WITH NAME 'x'", "ALTER TABLE otel.mt FREEZE WITH NAME 'x'", 'SELECT addressToLine(1)'
  ]
  for (const statement of statements) {
    const answer = await ask(statement)
    t.ok(answer.status >= 400, `${answer.status} ${statement}`)
    await nothingHappened(t, statement, answer)
  }
  for (const search of [`?format_template_row=${secret}`, '?dialect=kusto', `?output_format_schema=${out}/a`, '?implicit_select=1&allow_settings_after_format_in_insert=1&additional_result_filter=0&limit=0&offset=9']) {
    for (const statement of [`1 INTO OUTFILE '${out}/a'`, `INSERT INTO otel.m FORMAT CSV SETTINGS max_threads = 1 x\nSELECT 1 INTO OUTFILE '${out}/a'`, `SELECT file('${secret}')`, 'SELECT 1 AS a FORMAT Template']) await nothingHappened(t, statement, await ask(statement, search))
  }
  for (const statement of [`SELECT 1 INTO OUTFILE '${out}/a'`, `SELECT * FROM file('${secret}', LineAsString)`]) t.match(await ask(statement), { status: 403, text: /^Code: 497\. .*\(ACCESS_DENIED\)/s })
  t.strictSame(backend.problems, [])
})

t.test("the engine itself holds files back, also from the page's SQL", async t => {
  for (const source of READING.slice(0, 5)) await t.rejects(backend.rows(`SELECT * FROM ${source}`), { code: 'LETTA_OTEL_STORE_STATEMENT_FAILED' }, source)
  for (const sql of [...READING.map(source => `SELECT * FROM ${source}`), `SELECT file('${secret}')`, `SELECT * FROM format(JSONEachRow, 'a String, b String DEFAULT file(a)', '{"a":"${secret}"}')`]) {
    const answer = await fetch(`${backend.url}/api/sql`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ sql }) })
    t.ok(answer.status >= 400, `${answer.status} ${sql}`)
    await nothingHappened(t, sql, { text: await answer.text() })
  }
})

t.test('a link changes nothing, whatever it says', async t => {
  await ask('CREATE TABLE otel.kept (a Int8) ENGINE = Memory')
  for (const method of ['GET', 'HEAD']) {
    for (const search of ['', '&readonly=0', '&readonly=', '&readonly=00', '&readonly=false', '&readonly=0&readonly=0']) {
      const { status } = await fetch(`${backend.clickhouseUrl}/?query=DROP+TABLE+otel.kept${search}`, { method })
      t.ok(status >= 400, `${status} ${method} ${search}`)
    }
  }
  t.equal((await fetch(`${backend.clickhouseUrl}/?query=DROP+TABLE+otel.kept+SETTINGS+readonly=0`)).status >= 400, true)
  t.equal((await ask('SELECT count() FROM otel.kept')).text, '0\n')
})

t.test('what clients need is permitted', async t => {
  const statements = [
    'SELECT 1', '(SELECT 1) UNION ALL (SELECT 2)', 'WITH 1 AS a SELECT a', 'FROM otel.m SELECT a', 'SHOW TABLES FROM otel', 'SHOW DATABASES', 'DESCRIBE TABLE otel.m', 'EXISTS TABLE otel.m', 'EXPLAIN SELECT 1', 'EXPLAIN AST SELECT 1', 'CHECK TABLE otel.mt', 'USE otel', 'SET max_threads = 1',
    'CREATE DATABASE IF NOT EXISTS c ENGINE = Atomic', 'CREATE TABLE c.t (a Int8, t DateTime DEFAULT now()) ENGINE = ReplacingMergeTree ORDER BY a TTL t + INTERVAL 1 DAY SETTINGS index_granularity = 1024, ttl_only_drop_parts = 1', 'CREATE TABLE c.disk (disk Int8) ENGINE = Memory', 'CREATE TABLE c.nothing (a Int8) ENGINE = Null',
    'INSERT INTO c.t (a) VALUES (1 + 1), (2) ;', 'INSERT INTO c.t (a, t) SELECT 1, now() -- FORMAT CSV', 'INSERT INTO c.t (a) SELECT 3 FORMAT JSON', 'CREATE MATERIALIZED VIEW c.v TO c.disk AS SELECT a AS disk FROM c.t', 'INSERT INTO c.disk (disk) VALUES (1)', 'ALTER TABLE c.t ADD COLUMN b String, MODIFY TTL t + INTERVAL 2 DAY',
    'ALTER TABLE c.t UPDATE b = \'x\' WHERE 1', 'DELETE FROM c.t WHERE a = 1', 'ALTER TABLE c.t DROP PARTITION tuple()', 'OPTIMIZE TABLE c.t FINAL', 'RENAME TABLE c.t TO c.u', 'TRUNCATE TABLE c.u', 'DROP TABLE c.u', "KILL QUERY WHERE query_id = 'none'", 'SYSTEM FLUSH LOGS', 'SELECT * FROM numbers(2)',
    'SELECT * FROM merge(\'otel\', \'^m$\')', 'SELECT count() FROM system.columns', 'SELECT name FROM system.functions LIMIT 1', 'SELECT version(), timezone()', 'DROP DATABASE c', 'SELECT 1; -- the end', `SELECT length('${'x'.repeat(300_000)}')`
  ]
  for (const statement of statements) t.match(await ask(statement, '?max_query_size=1000000'), { status: 200 }, statement.slice(0, 100))
})

t.test('quoted texts say nothing', t => {
  t.equal(withoutQuoted("SELECT 'a\\'b', `c``d`, \"e\" FROM t"), `SELECT ${'_'.repeat(6)}, ${'_'.repeat(6)}, ___ FROM t`)
  t.doesNotThrow(() => { checkPermitted("SELECT 'INTO OUTFILE', `FROM INFILE`, 'disk = disk(' AS x") })
  for (const statement of ['BACKUP TABLE t TO Null', 'ATTACH TABLE t', 'SOMETHING NEW', '', 'CREATE TABLE t ENGINE = `File`', 'CREATE TABLE t ENGINE = ']) t.throws(() => { checkPermitted(statement) }, { code: 497, status: 403 }, statement)
  t.end()
})

t.test('the engine\'s own databases are read, and nothing else; that in which connections begin stays', async t => {
  for (const statement of [
    'DROP DATABASE system', 'DROP DATABASE IF EXISTS `system` SYNC', 'DROP DATABASE information_schema', 'DROP DATABASE INFORMATION_SCHEMA', 'TRUNCATE DATABASE system',
    'RENAME DATABASE system TO other', 'DROP TABLE system.one', 'DROP VIEW information_schema.tables', 'RENAME TABLE system.one TO default.one',
    'EXCHANGE TABLES system.one AND system.numbers', 'CREATE TABLE system.mine (a Int8) ENGINE = Memory', 'CREATE OR REPLACE TABLE system.one (a Int8) ENGINE = Memory',
    'DROP DATABASE default', 'DROP DATABASE IF EXISTS default SYNC', 'RENAME DATABASE default TO other', 'TRUNCATE ALL TABLES FROM system', 'TRUNCATE TABLE system.one', 'ALTER TABLE system.one DROP COLUMN dummy'
  ]) {
    const { status, text } = await ask(statement)
    t.equal(status, 403, `${statement}: ${text}`)
  }
  for (const statement of ['CREATE TABLE default.mine (a Int8) ENGINE = Memory', 'DROP TABLE default.mine', 'CREATE DATABASE mine', 'DROP DATABASE mine']) t.equal((await ask(statement)).status, 200, statement)
  t.equal((await ask('SELECT * FROM system.one')).text, '0\n')
  t.equal((await ask('SELECT count() > 0 FROM system.tables')).text, '1\n')
  t.equal((await ask('SELECT count() > 0 FROM information_schema.tables')).text, '1\n')
})
