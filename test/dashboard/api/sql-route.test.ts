import { existsSync } from 'node:fs'
import t from 'tap'
import { openSampleStore } from '../../store/sample-store.ts'
import { temporaryDirectory } from '../../temporary-directory.ts'
import { apiHost, askSql } from '../host.ts'

t.test('the console reads, and nothing else', async t => {
  const store = await openSampleStore(t, { agents: 1, runs: 2 })
  const app = await apiHost(t, { store })
  const directory = temporaryDirectory(t, { secret: 'secret' })
  const stolen = `${directory}/stolen`

  t.match(await askSql(app, 'SELECT organization_id, count() AS runs FROM run_metrics GROUP BY ALL ORDER BY ALL;\n'), {
    statusCode: 200, rows: [{ organization_id: 'org-1', runs: '2' }, { organization_id: 'org-2', runs: '2' }], columns: { organization_id: 'text', runs: 'text' }, truncated: false
  })
  t.match(await askSql(app, 'WITH 1 AS x SELECT x -- and a comment'), { rows: [{ x: 1 }] })
  t.match(await askSql(app, 'SELECT Body, count() AS lines FROM otel_logs GROUP BY Body HAVING 0 -- none'), { statusCode: 200, rows: { length: 0 }, columns: { Body: 'text', lines: 'text' } })
  t.match(await askSql(app, 'DESCRIBE otel_logs'), { statusCode: 200, rows: [{ name: 'Timestamp' }] })
  t.match(await askSql(app, 'SHOW TABLES'), { statusCode: 200 })
  const many = await askSql(app, 'SELECT number FROM numbers(100000)')
  t.match(many, { statusCode: 200, truncated: true })
  t.equal(many.rows.length, 1_000)

  const refused = [
    'DROP TABLE run_metrics', 'DROP TABLE run_metrics; SELECT 1', 'SELECT 1; DROP TABLE run_metrics', 'TRUNCATE TABLE run_metrics', 'ALTER TABLE run_metrics DELETE WHERE 1',
    "INSERT INTO otel_logs (Body) VALUES ('x')", "INSERT INTO otel_logs (Body) SELECT 'x'", 'CREATE TABLE t (a Int8) ENGINE = Memory', 'CREATE TEMPORARY TABLE t (a Int8)',
    'SYSTEM STOP MERGES', 'KILL QUERY WHERE 1', 'SET readonly = 0', 'SELECT 1 SETTINGS readonly = 0', 'SELECT 1 SETTINGS max_execution_time = 1000', 'SELECT 1 FORMAT CSV',
    `SELECT * FROM (SELECT * FROM file('${directory}/secret', 'LineAsString') SETTINGS readonly = 0)`,
    `SELECT 1 INTO OUTFILE '${stolen}'`, `SELECT 1) INTO OUTFILE '${stolen}' --`, '1) UNION ALL SELECT * FROM (SELECT 1', 'SELECT 1) -- ', 'SELECT 1 /*', `SELECT file('${directory}/secret')`,
    `SELECT \`file\`('${directory}/secret')`, `SELECT * FROM file('${directory}/secret', 'LineAsString')`, "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
    "SELECT * FROM remote('127.0.0.1:9000', 'system.one')", `INSERT INTO FUNCTION file('${stolen}') SELECT 1`, `DESCRIBE TABLE file('${directory}/secret')`, 'nothing', ';', '(', "'"
  ]
  for (const sql of refused) {
    const answer = await askSql(app, sql)
    t.equal(answer.statusCode, 400, sql)
    t.notMatch(JSON.stringify(answer.rows ?? []), 'secret', sql)
  }
  t.notOk(existsSync(stolen), 'no file was written')
  const [left] = (await askSql(app, 'SELECT (SELECT count() FROM run_metrics) AS runs, (SELECT countIf(Body = \'x\') FROM otel_logs) AS written')).rows
  t.strictSame(left, { runs: '4', written: '0' }, 'and everything is as it was')
})

t.test('what is too much is given up', async t => {
  const app = await apiHost(t, { store: await openSampleStore(t, { agents: 1, runs: 1 }) })
  t.match(await askSql(app, 'SELECT groupArray(repeat(toString(number), 1000)) FROM numbers(100000000)'), { statusCode: 413 })
  t.match(await askSql(app, `SELECT '${'x'.repeat(100_000)}'`), { statusCode: 400 })
})

t.test('one organization has no console', async t => {
  const app = await apiHost(t, { store: await openSampleStore(t, { agents: 1, runs: 1 }), scope: { organizationId: 'org-1' } })
  t.match(await askSql(app, 'SELECT 1'), { statusCode: 400, code: 'LETTA_OTEL_SQL_REFUSED' })
})
