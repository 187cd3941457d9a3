import t from 'tap'
import type { Engine } from '../../../lib/store/engine.ts'
import { openStore } from '../../../lib/store/open-store.ts'
import { RowEncoder } from '../../../lib/store/row-encoder.ts'
import { NAMED_QUERIES } from '../../../lib/store/queries/named-queries.ts'
import { runQuery } from '../../../lib/store/queries/run-query.ts'
import { callRow, NOW, NOW_NS, runRow, stepRow } from '../sample-rows.ts'

const encoder = new RowEncoder()
const DAY_NS = 86_400_000_000_000n

for (const deferred of [0, 1]) {
  t.test(`an older version of a row is not found by its time, where the engine ${deferred ? 'reads all partitions for' : 'prunes before'} FINAL`, async t => {
    const { engine, close } = await openStore({ path: ':memory:' })
    t.teardown(async () => { await close() })
    const asIs: Pick<Engine, 'query'> = {
      query: async (sql, params, { settings, ...options } = {}) => await engine.query(sql, params, { ...options, settings: { ...settings, defer_partition_pruning_after_final: deferred } })
    }
    const older = { outcome: 'error', is_error: true, error_type: 'older' } as const
    const newer = { outcome: 'error', is_error: true, error_type: 'newer', updated_at: NOW + 1 } as const
    // Taken up again later, and put right to have begun before.
    for (const [name, first, last] of [['later', 5n, 1n], ['earlier', 1n, 5n]] as const) {
      for (const [start, { is_error: isError, ...version }] of [[first, older], [last, newer]] as const) {
        const at = NOW_NS - start * DAY_NS
        await engine.insert('run_metrics', encoder.encode(runRow({ id: `run-${name}`, run_start_ns: at, ...version })), 1)
        await engine.insert('step_metrics', encoder.encode(stepRow({ id: `step-${name}`, step_start_ns: at, ...version })), 1)
        await engine.insert('provider_traces', encoder.encode(callRow({ id: `call-${name}`, request_start_ns: at, ttft_ns: null, is_error: isError, ...version })), 1)
      }
    }
    for (const [from, to, name] of [['-6d', '-4d', 'earlier'], ['-2d', 'now', 'later']] as const) {
      const range = { from, to }
      t.match(await runQuery(asIs, NAMED_QUERIES['slow-runs'], range, 'all-organizations'), [{ id: `run-${name}` }])
      t.match(await runQuery(asIs, NAMED_QUERIES['traces-with-errors'], range, 'all-organizations'), [{ id: `call-${name}`, error_type: 'newer' }])
      t.match(await runQuery(asIs, NAMED_QUERIES['busiest-agents'], range, 'all-organizations'), [{ steps: 1 }])
      t.match(await runQuery(asIs, NAMED_QUERIES['daily-volume'], range, 'all-organizations'), [{ calls: 1 }])
      t.match(await runQuery(asIs, NAMED_QUERIES['llm-latency'], range, 'all-organizations'), [{ requests: 1 }])
    }
    t.equal((await runQuery(asIs, NAMED_QUERIES['slow-runs'], { from: '-6d' }, 'all-organizations')).length, 2)
  })
}
