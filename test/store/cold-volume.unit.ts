import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openStore } from '../../lib/store/open-store.ts'
import { readRetention, setRetention } from '../../lib/store/retention.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

t.test('rows go to the cold volume as before when only their days change, and tables get the policy when it is asked for', async t => {
  const root = temporaryDirectory(t)
  const cold = join(root, 'cold')
  mkdirSync(cold)
  const config = join(root, 'config.xml')
  writeFileSync(config, `<clickhouse><storage_configuration>
    <disks><cold><path>${cold}/</path></cold></disks>
    <policies><tiered><volumes><default><disk>default</disk></default><cold><disk>cold</disk></cold></volumes></tiered></policies>
  </storage_configuration></clickhouse>`)
  const { engine, close } = await openStore({ path: join(root, 'data'), connectionArguments: [`--config-file=${config}`] })
  t.teardown(async () => { await close() })
  const logs = async (): Promise<unknown> => (await readRetention(engine)).find(({ table }) => table === 'otel_logs')
  t.match(await logs(), { days: 90, hotDays: undefined, storagePolicy: 'default' })
  await setRetention(engine, { otel_logs: { days: 100, hotDays: 10 } })
  t.match(await logs(), { days: 100, hotDays: undefined }, 'there is no cold volume')
  await setRetention(engine, { otel_logs: { days: 100, hotDays: 10 } }, { storagePolicy: 'tiered' })
  t.match(await logs(), { days: 100, hotDays: 10, storagePolicy: 'tiered' })
  await setRetention(engine, { otel_logs: { days: 200 } })
  t.match(await logs(), { days: 200, hotDays: 10 })
  await setRetention(engine, { otel_logs: { days: 200, hotDays: 20 } })
  t.match(await logs(), { days: 200, hotDays: 20 }, 'the table has the policy already')
  await setRetention(engine, { otel_logs: { days: 5 } }, { allowLoss: true })
  t.match(await logs(), { days: 5, hotDays: 5 })
})
