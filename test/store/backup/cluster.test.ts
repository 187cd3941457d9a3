/** There is no cluster to be had here, so no backup of one is made: what would be asked of it is parsed by the real engine, and answered by the test. */
import t from 'tap'
import { createBackup } from '../../../lib/store/backup/create-backup.ts'
import { restoreBackup } from '../../../lib/store/backup/restore-backup.ts'
import { verifyBackup } from '../../../lib/store/backup/verify-backup.ts'
import type { Engine } from '../../../lib/store/engine.ts'
import { openStore } from '../../../lib/store/open-store.ts'
import { temporaryDirectory } from '../../temporary-directory.ts'

t.test('every statement for a cluster parses, and names the cluster where it has to', async t => {
  const { engine, close } = await openStore({ path: ':memory:' })
  t.teardown(async () => { await close() })
  const asked: string[] = []
  /** Answers as a cluster whose one table gets a row while it is backed up. */
  const cluster: Engine = {
    kind: 'cluster',
    database: 'otel',
    cluster: 'the-cluster',
    insert: async () => {},
    close: async () => {},
    command: async sql => { asked.push(sql) },
    query: async <Row> (sql: string): Promise<Row[]> => {
      asked.push(sql)
      if (sql.includes('system.tables')) return [{ name: 'run_metrics_local' }] as Row[]
      if (sql.includes('`system`.`backups`')) {
        const status = asked.findLast(statement => statement.endsWith('ASYNC'))!.startsWith('BACKUP') ? 'BACKUP_CREATED' : 'RESTORED'
        return [{ status, error: '', num_files: '1', total_size: '1', uncompressed_size: '1' }] as Row[]
      }
      if (sql.includes('LIMIT 1')) return []
      if (sql.includes('`system`.`parts`')) {
        const part = (number: string): object => ({ table: 'run_metrics_local', shard: '1', partition: '20261121', first: number, last: number, rows: '1', hash: number, active: 1 })
        const looks = asked.filter(statement => statement.includes('`system`.`parts`')).length
        return (looks === 2 ? [part('1'), part('2')] : [part('1')]) as Row[]
      }
      return [{ rows: '0', checksum: '0' }] as Row[]
    }
  }
  const manifest = await createBackup(cluster, { directory: temporaryDirectory(t), place: { kind: 'disk', disk: 'backups' }, name: 'all' })
  t.ok((await verifyBackup(cluster, manifest)).every(({ same }) => same))
  t.ok((await restoreBackup(cluster, manifest, 'otel')).every(({ same }) => same))

  for (const sql of new Set(asked)) {
    await t.resolves(engine.query(`EXPLAIN AST ${sql.replaceAll(/\{\w+:String\}/g, "''")}`), sql.slice(0, 60))
    if (/^(?:BACKUP|RESTORE|SYSTEM|DROP)/.test(sql)) t.match(sql, ' ON CLUSTER `the-cluster`', 'names the cluster')
    if (/FROM .*run_metrics_local/.test(sql)) t.match(sql, 'cluster(`the-cluster`, `', 'reads through the cluster')
    if (/`(?:parts|backups)`/.test(sql)) t.match(sql, 'clusterAllReplicas(`the-cluster`, `system`.`', 'asks all replicas')
  }
  const verbs = new Set(asked.map(sql => /^\w+(?: STOP| START| TABLE| DATABASE)?/.exec(sql)![0]))
  t.strictSame([...verbs].filter(verb => verb !== 'SELECT').sort(), ['BACKUP DATABASE', 'DROP DATABASE', 'DROP TABLE', 'RESTORE DATABASE', 'SYSTEM START', 'SYSTEM STOP'])
})
