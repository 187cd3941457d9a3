import t, { type Test } from 'tap'
import { caseNamed } from '../cases.ts'
import { balanceOf } from '../report/figures.ts'
import { Sink } from '../sink/sink.ts'
import { workloadNamed } from '../workloads/workloads.ts'
import { measurePairs, measureStart } from './measure.ts'
import type { Burst } from './measurement.ts'

const FAST = caseNamed('fast')
const OPTIONS = { pace: 'full', pairs: 2, seconds: 1, warmUpSeconds: 1, bareFirst: true } as const

async function sinkOf (t: Test): Promise<Sink> {
  const sink = await Sink.listen()
  t.teardown(async () => { await sink.close() })
  return sink
}

const isMeasured = ({ load, cpuMicrosecondsPerRequest }: Burst): boolean => load.requestsPerSecond > 0 && load.p99 > 0 && cpuMicrosecondsPerRequest > 0

t.test('both are loaded pair by pair, and every span of the warm-up and of streams that the load cut off arrives', async t => {
  const pairing = await measurePairs(FAST, workloadNamed('stream'), { ...OPTIONS, sink: await sinkOf(t) })
  t.match(pairing, { workload: 'stream', case: 'fast', pace: 'full' })
  for (const { bursts, figures, wrong } of [pairing.bare, pairing.own]) {
    t.same(bursts.map(isMeasured), [true, true])
    t.ok(figures.requests > bursts.reduce((sum, { load }) => sum + load.requestsPerSecond, 0), 'the warm-up counts, too')
    t.equal(wrong, 0)
  }
  const { requests, sent, received } = balanceOf([pairing])
  t.equal(sent, requests)
  t.equal(received, requests)
  t.equal(pairing.bare.figures.account, undefined)
})

t.test('at half load both get the same rate, half of what bare Fastify takes', async t => {
  const pairing = await measurePairs(FAST, workloadNamed('get'), { ...OPTIONS, pace: 'half', pairs: 1, bareFirst: false, sink: await sinkOf(t) })
  t.same([...pairing.bare.bursts, ...pairing.own.bursts].map(isMeasured), [true, true])
  t.equal(balanceOf([pairing]).received, pairing.own.figures.requests)
})

t.test('a start tells how long it took', async t => {
  const { bare, own } = await measureStart(FAST, workloadNamed('get'), { sink: await sinkOf(t), bareFirst: true })
  t.ok(own.registerMs > 0)
  t.ok(own.startMs > own.registerMs)
  t.same([bare.requests, own.requests], [0, 0])
})

t.test('a case that does not start fails, and leaves no process', async t => {
  const broken = { ...FAST, env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'not a URL' } }
  await t.rejects(measurePairs(broken, workloadNamed('get'), { ...OPTIONS, sink: await sinkOf(t) }), /the server of fast did not start/)
})
