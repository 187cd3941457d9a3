import t from 'tap'
import { readMigrations, SCHEMA_TABLE } from '../../lib/store/migrate.ts'
import { openStore } from '../../lib/store/open-store.ts'
import { renderSql } from '../../lib/store/sql-template.ts'

const TABLE = 'CREATE TABLE IF NOT EXISTS {{table t}} (a Int8) ENGINE = {{engine ReplacingMergeTree(a)}} ORDER BY a {{ttl otel_logs}} SETTINGS {{settings}};\n{{distributed t cityHash64(a)}};\n'

t.test('placeholders are those of one server', t => {
  t.same(renderSql(TABLE, { database: 'otel' }), [
    'CREATE TABLE IF NOT EXISTS `otel`.`t` (a Int8) ENGINE = ReplacingMergeTree(a) ORDER BY a TTL toDateTime(Timestamp) + toIntervalDay(90) ' +
    'SETTINGS ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1, non_replicated_deduplication_window = 10000'
  ])
  t.same(renderSql('-- a reason; with a semicolon\nSELECT 1 FROM {{local a}}, {{read b}};\nSELECT 2 FROM {{view c}}', { database: 'd' }), [
    'SELECT 1 FROM `d`.`a`, `d`.`b`', 'SELECT 2 FROM `d`.`c`'
  ])
  t.end()
})

t.test('with a storage policy, rows go to its cold volume', t => {
  const [statement] = renderSql('{{ttl otel_logs}} {{settings}}', { database: 'otel', storagePolicy: 'tiered', retention: { otel_logs: { days: 20, hotDays: 5 } } })
  t.equal(statement, "TTL toDateTime(Timestamp) + toIntervalDay(5) TO VOLUME 'cold', toDateTime(Timestamp) + toIntervalDay(20) " +
    "ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1, non_replicated_deduplication_window = 10000, storage_policy = 'tiered'")
  t.end()
})

t.test('on a cluster, tables are replicated and spread', t => {
  t.match(renderSql(TABLE, { database: 'otel', cluster: 'main' }), [
    /^CREATE TABLE IF NOT EXISTS `otel`\.`t_local` ON CLUSTER `main` \(a Int8\) ENGINE = ReplicatedReplacingMergeTree\('\/clickhouse\/tables\/\{uuid\}\/\{shard\}', '\{replica\}', a\).* replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800$/,
    'CREATE TABLE IF NOT EXISTS `otel`.`t` ON CLUSTER `main` AS `otel`.`t_local`\nENGINE = Distributed(`main`, `otel`, `t_local`, cityHash64(a))'
  ])
  t.same(renderSql('SELECT 1 FROM {{local a}}, {{read b}}, {{view c}}', { database: 'd', cluster: 'k' }), ['SELECT 1 FROM `d`.`a_local`, `d`.`b`, `d`.`c` ON CLUSTER `k`'])
  t.end()
})

t.test('what is no placeholder is refused', t => {
  const target = { database: 'otel' }
  t.throws(() => renderSql('{{nothing}}', target), /\{\{nothing\}\} is no placeholder/)
  t.throws(() => renderSql('{{ttl nothing}}', target), /nothing has no retention/)
  t.throws(() => renderSql('{{engine MergeTree}}', { ...target, cluster: 'k' }), /has no parentheses/)
  t.throws(() => renderSql('{{table a`b}}', target), /is no name/)
  t.end()
})

t.test('every statement of a migration may be run again, and the engine can read it for a cluster', async t => {
  const { engine, close } = await openStore({ path: ':memory:', migrate: false })
  t.teardown(close)
  for (const { name, sql } of [{ name: 'schema', sql: SCHEMA_TABLE }, ...await readMigrations()]) {
    for (const target of [{ database: 'otel' }, { database: 'otel', cluster: 'a-cluster', storagePolicy: 'tiered' }]) {
      for (const statement of renderSql(sql, target)) {
        t.match(statement, /^(?:CREATE (?:TABLE|VIEW|MATERIALIZED VIEW) IF NOT EXISTS|ALTER TABLE \S+(?: ON CLUSTER \S+)? (?:ADD \w+ IF NOT EXISTS|MODIFY) ) ?/, name)
        if ('cluster' in target) t.match(statement, / ON CLUSTER `a-cluster`/)
        t.ok((await engine.query(`EXPLAIN AST ${statement}`)).length > 1, `${name}: ${statement.slice(0, 80)}`)
      }
    }
  }
})
