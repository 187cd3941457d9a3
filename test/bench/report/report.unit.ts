import t from 'tap'
import type { Pairing, Results, Side, StartPair } from '../measure/measurement.ts'
import { balanceOf, missingOfOurs, p99, peakMemory, throughput } from './figures.ts'
import { writeReport } from './report.ts'
import { burstsOf, compareBursts, compareProcesses, compareStarts, difference, ratio, spreadOf } from './statistics.ts'
import { withRange } from './table.ts'
import { targetTable } from './targets.ts'

interface Facts {
  /** Requests a second, burst by burst. */
  readonly speeds?: readonly number[]
  readonly p99?: number
  readonly peakMemoryBytes?: number
  readonly registerMs?: number
  readonly sampled?: number
  readonly wrong?: number
}

/** A server that had 100 requests in all. */
function side ({ speeds = [1_000], p99 = 1, peakMemoryBytes = 1e8, registerMs = 1, sampled, wrong = 0 }: Facts = {}): Side {
  return {
    bursts: speeds.map(requestsPerSecond => ({ load: { requestsPerSecond, p50: 0.5, p99, wrong: 0 }, cpuMicrosecondsPerRequest: 1e6 / requestsPerSecond })),
    figures: { requests: 100, peakMemoryBytes, registerMs, startMs: 200, account: sampled === undefined ? undefined : { exported: sampled, failed: 0 } },
    wrong
  }
}

interface PairingFacts extends Pick<Partial<Pairing>, 'workload' | 'pace'> {
  readonly bare?: Facts
  readonly own?: Facts
  /** How many of its 100 traces arrived. */
  readonly received?: number
}

function pairing (name: string, { workload = 'get', pace = 'full', bare, own, received = name === 'bare' ? 0 : 100 }: PairingFacts = {}): Pairing {
  return {
    workload,
    case: name,
    pace,
    bare: side(bare),
    own: side(own),
    arrivals: { spans: received, roots: received, spanBytes: received * 300, logRecords: 0, metricRequests: 1 }
  }
}

function start (name: string, bareMs: number, ownMs: number): StartPair {
  return { case: name, bare: side({ registerMs: bareMs }).figures, own: side({ registerMs: ownMs }).figures }
}

function results (pairings: Pairing[], more: Partial<Results> = {}): Results {
  return { rounds: 1, seconds: 1, processorsAwake: true, pairings, starts: [], spanCosts: [], failures: [], ...more }
}

/** The last two cells of a target's row. */
function verdict (report: string, text: string): string[] {
  const row = report.split('\n').find(line => line.startsWith(`| ${text}`)) ?? ''
  return row.split(' | ').slice(2).map(cell => cell.replace(/ \|$/, ''))
}

t.test('medians, quartiles and ranges', t => {
  t.same(spreadOf([5, 3, 1, 2, 4]), { median: 3, lowerQuartile: 2, upperQuartile: 4, least: 1, most: 5 })
  t.same(spreadOf([4, 1, 3, 2]), { median: 2.5, lowerQuartile: 1.75, upperQuartile: 3.25, least: 1, most: 4 })
  t.same(spreadOf([7]), { median: 7, lowerQuartile: 7, upperQuartile: 7, least: 7, most: 7 })
  t.equal(spreadOf([]), undefined)
  t.equal(withRange(spreadOf([5, 3, 1, 2, 4]), 1), '3.0 (2.0–4.0; 1.0–5.0)')
  t.equal(withRange(spreadOf([7]), 1), '7.0')
  t.end()
})

t.test('a ratio compares within a pair, whatever the machine did between pairs and processes', t => {
  const fast = { case: 'fast', workload: 'get' }
  const both = results([
    pairing('fast', { bare: { speeds: [1_000, 100] }, own: { speeds: [800, 60] } }),
    pairing('fast', { bare: { speeds: [10] }, own: { speeds: [9] } }),
    pairing('fast', { pace: 'half', bare: { p99: 2 }, own: { p99: 3 } }),
    pairing('fast', { workload: 'post', own: { speeds: [1] } }),
    pairing('sdk', { bare: { speeds: [500] }, own: { speeds: [100] } })
  ])
  t.match(compareBursts(both, fast, throughput, ratio), { median: 0.8, least: 0.6, most: 0.9 })
  t.match(compareBursts(both, { ...fast, pace: 'half' }, p99, ratio), { median: 1.5 })
  t.equal(compareBursts(both, { ...fast, case: 'dd-trace' }, throughput, ratio), undefined)
  t.same(burstsOf(both, fast).map(throughput), [800, 60, 9])
  t.same(burstsOf(both, { ...fast, case: 'bare' }).map(throughput), [1_000, 100, 10, 500], 'bare Fastify next to all cases')
  t.end()
})

t.test('processes are compared with the one that ran next to them', t => {
  const memory = (bare: number, own: number): Pairing => pairing('fast', { bare: { peakMemoryBytes: bare }, own: { peakMemoryBytes: own } })
  const both = results([memory(1e8, 1.5e8), memory(2e8, 2.7e8), memory(1e8, 1.6e8)], { starts: [start('fast', 10, 50), start('fast', 20, 90), start('sdk', 0, 500)] })
  t.match(compareProcesses(both, { case: 'fast', workload: 'get' }, peakMemory, difference), { median: 60, least: 50, most: 70 })
  t.match(compareStarts(both, 'fast', ({ registerMs }) => registerMs, difference), { median: 55, least: 40, most: 70 })
  t.end()
})

t.test('targets are reached or missed by the median', t => {
  const slow = { bare: { speeds: [1_000, 1_000, 1_000] } }
  const report = targetTable(results([
    pairing('fast', { ...slow, own: { speeds: [500, 700, 900], peakMemoryBytes: 1.3e8 } }),
    pairing('fast', { workload: 'post', own: { speeds: [790], peakMemoryBytes: 1.61e8 } }),
    pairing('dd-trace', { bare: { speeds: [2_000] }, own: { speeds: [300] } }),
    pairing('fast', { pace: 'half', own: { p99: 1.2 } })
  ], {
    starts: [start('fast', 1, 62)],
    spanCosts: [{ case: 'fast', microseconds: 1.5, missing: 0 }, { case: 'sdk', microseconds: 15, missing: 0 }]
  }))
  t.same(verdict(report, 'throughput of bare Fastify, GET'), ['0.70 (0.60–0.80; 0.50–0.90)', 'reached'])
  t.same(verdict(report, 'throughput of bare Fastify, POST'), ['0.79', '**missed**'])
  t.same(verdict(report, 'times the throughput of dd-trace'), ['4.67', 'reached'], '0.70 of bare against 0.15')
  t.same(verdict(report, 'times the throughput of the documented'), ['–', 'not measured'])
  t.same(verdict(report, 'p99 at half'), ['1.20', 'reached'])
  t.same(verdict(report, 'peak memory'), ['61 MB', '**missed**'], 'of the workload where it is most')
  t.same(verdict(report, '`register` to `ready`'), ['61 ms', '**missed**'])
  t.same(verdict(report, 'one `startActiveSpan`'), ['1.50 µs', 'reached'])
  t.same(verdict(report, 'spans of letta-otel missing'), ['0', 'reached'])
  t.end()
})

t.test('a span that is missing, or too many, misses the target; one of another package does not', t => {
  t.equal(missingOfOurs(results([pairing('fast', { received: 99 }), pairing('sdk', { received: 101 }), pairing('dd-trace', { received: 5 })])), 2)
  t.equal(missingOfOurs(results([pairing('fast')], { spanCosts: [{ case: 'fast', microseconds: 1, missing: 3 }] })), 3)
  t.equal(missingOfOurs(results([pairing('fast-unsampled', { received: 1 })])), 1)
  t.equal(missingOfOurs(results([pairing('bare')])), undefined)
  t.same(balanceOf([pairing('fast-sampled', { own: { sampled: 11 }, received: 10 })]), { requests: 100, sent: 11, received: 10 })
  t.end()
})

t.test('the report warns where something else than the server limited bare Fastify', t => {
  const busy = (microseconds: number): string => {
    const bursts = [{ load: { requestsPerSecond: 1_000, p50: 1, p99: 1, wrong: 0 }, cpuMicrosecondsPerRequest: microseconds }]
    return writeReport(results([{ ...pairing('fast'), bare: { ...side(), bursts } }]))
  }
  t.match(busy(600), '- Bare Fastify used only 60 % of its core')
  t.notMatch(busy(950), 'Bare Fastify used only')
  t.end()
})

t.test('the report names what it could not measure, and no machine path', t => {
  const report = writeReport(results([pairing('fast', { bare: { wrong: 2 }, own: { speeds: [500], wrong: 3 } })], {
    starts: [start('fast', 1, 2)], failures: ['dd-trace with get: it did not start']
  }))
  t.match(report, '- Not measured: dd-trace with get: it did not start')
  t.match(report, '- 5 requests were answered wrongly or not at all.')
  t.match(report, '| bare Fastify | 1,000 | – | 1.0 | 1,000.0 | – |')
  t.match(report, '| letta-otel, engine `fast` | 500 | 0.50 | 1.0 | 2,000.0 | 2.00 |')
  t.match(report, /^\| Node\.js \| \d+/m)
  t.match(report, /^\| dd-trace \| \d+\.\d+\.\d+ \|$/m)
  t.notMatch(report, /\/(?:tmp|work|root|home)\//)
  t.notMatch(report, /undefined|NaN/)
  t.end()
})
