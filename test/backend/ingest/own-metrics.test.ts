import t from 'tap'
import type { IngestFigures } from '../../../lib/backend/ingest/ingest-stats.ts'
import { OwnMetrics } from '../../../lib/backend/ingest/own-metrics.ts'
import { TooMuchWaits } from '../../../lib/backend/ingest/too-much-waits.ts'

const NOTHING = { traces: 0, metrics: 0, logs: 0 }
const figures = (traces: number): IngestFigures =>
  ({ received: { ...NOTHING, traces }, rejected: NOTHING, refusedRequests: NOTHING, lost: NOTHING, written: 0, waitingBytes: 0, lagMs: 0 })

t.test('what cannot be told now is told with the next, and is nothing to end for', async t => {
  const problems: string[] = []
  const taken: number[] = []
  const refusals = [new TooMuchWaits(), new Error('no memory')]
  let traces = 0
  let asked = Promise.withResolvers<void>()
  const ingest = {
    get figures () { return figures(traces) },
    acceptOwn: (request: Uint8Array) => {
      asked.resolve()
      asked = Promise.withResolvers()
      const refusal = refusals.shift()
      if (refusal !== undefined) throw refusal
      taken.push(request.length)
    }
  }
  const own = await OwnMetrics.start(ingest, { intervalMs: 1, onProblem: problem => { problems.push(problem) } })
  const keepAlive = setInterval(() => {}, 1_000)
  t.teardown(() => { clearInterval(keepAlive) })
  traces = 7
  for (let round = 0; round < 3; round++) await asked.promise
  t.strictSame(problems, ["the backend's own metrics cannot be stored: no memory"], 'waiting is no problem')
  t.equal(taken.length, 1)
  refusals.push(new Error('no memory'))
  traces = 8
  own.close()
  t.equal(problems.length, 2, 'closing does not throw either')
  own.close()
  t.equal(problems.length, 2)
})
