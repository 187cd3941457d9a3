import t from 'tap'
import { openStore } from '../../lib/store/open-store.ts'
import { setRetention } from '../../lib/store/retention.ts'

t.test('rows that were written before go by the retention of today', async t => {
  const { engine, close } = await openStore({ path: ':memory:' })
  t.teardown(async () => { await close() })
  /** When the engine will drop what is there: what merges go by, whatever the table says. */
  const expiry = async (): Promise<number> => {
    for (;;) {
      const [open] = await engine.query<{ open: string }>("SELECT count() AS open FROM system.mutations WHERE database = 'otel' AND NOT is_done")
      if (open!.open === '0') break
    }
    const [found] = await engine.query<{ days: string }>(
      "SELECT dateDiff('day', now(), max(delete_ttl_info_max)) AS days FROM system.parts WHERE database = 'otel' AND table = 'otel_logs' AND active AND rows > 0")
    return Number(found!.days)
  }
  // As a number it would be nanoseconds.
  await engine.insert('otel_logs', JSON.stringify({ Timestamp: `${Math.floor(Date.now() / 1_000)}.0`, Body: 'kept' }), 1)
  t.equal(await expiry(), 90)
  await setRetention(engine, { otel_logs: { days: 200 } })
  t.equal(await expiry(), 200, 'kept longer')
  await setRetention(engine, { otel_logs: { days: 20 } }, { allowLoss: true })
  t.equal(await expiry(), 20, 'kept shorter')
  const [found] = await engine.query<{ lines: string }>('SELECT count() AS lines FROM otel_logs')
  t.equal(found!.lines, '1')
})
