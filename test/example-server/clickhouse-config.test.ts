/** ClickHouse's own engine reads its configuration of the example, and what it says of its logs can be made. */
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { openStore } from '../../lib/store/open-store.ts'
import { PROJECT } from '../fixtures/node-process.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { read } from './deployment-files.ts'

const LOGS = 'example-server/clickhouse/config.d/system-logs.xml'
const USERS = 'example-server/clickhouse/users.d/grafana.xml'

/** Whether the engine starts with a file as its configuration: a process of its own for each, as an engine has one. */
async function starts (file: string, data: string): Promise<boolean> {
  const script = `const { Session } = require('chdb'); new Session(${JSON.stringify(data)}, { connectionArgs: ['--config-file=${file}'] }).query('SELECT 1')`
  return await promisify(execFile)(process.execPath, ['--eval', script], { cwd: PROJECT, env: { GRAFANA_CLICKHOUSE_PASSWORD: 'x' } }).then(() => true, () => false)
}

t.test('the engine takes the files as configuration', async t => {
  const root = temporaryDirectory(t)
  const broken = join(root, 'broken.xml')
  writeFileSync(broken, read(LOGS).replace('</query_log>', ''))
  const files = [join(PROJECT, LOGS), join(PROJECT, USERS), broken]
  t.strictSame(await Promise.all(files.map(async (file, index) => await starts(file, join(root, String(index))))), [true, true, false])
})

t.test('each log ends, or is off', async t => {
  const { engine, close } = await openStore({ path: ':memory:', migrate: false })
  t.teardown(close)
  const written = [...read(LOGS).replace(/<!--.*?-->/gs, '').matchAll(/^ {2}<(\w+_log)(?: remove="1"\/>|>(.*)<\/\1>)$/gm)]
  t.ok(written.length > 15)
  for (const [, name = '', content] of written) {
    if (content === undefined) continue
    const [, partition, ttl] = /^<partition_by>(.*)<\/partition_by><ttl>(.*)<\/ttl>$/.exec(content) ?? []
    // As ClickHouse makes tables for its logs: these two columns are in each.
    await engine.command(`CREATE TABLE ${name} (event_date Date, event_time DateTime) ENGINE = MergeTree PARTITION BY ${partition} ORDER BY event_date TTL ${ttl}`)
    const [table] = await engine.query<{ engine_full: string }>('SELECT engine_full FROM system.tables WHERE database = currentDatabase() AND name = {name:String}', { name })
    t.match(table?.engine_full, /TTL event_date \+ toIntervalDay\(\d+\)/, name)
  }
})
