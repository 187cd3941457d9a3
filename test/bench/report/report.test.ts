import t from 'tap'
import type { Measurement, Results } from '../measure/measurement.ts'
import { balanceOf, missingOfOurs } from './figures.ts'
import { writeReport } from './report.ts'
import { compare, ratio, spreadOf } from './statistics.ts'
import { targetTable } from './targets.ts'

interface Facts {
  readonly round?: number
  readonly workload?: string
  readonly pace?: Measurement['pace']
  readonly requestsPerSecond?: number
  readonly p99?: number
  readonly peakMemoryBytes?: number
  readonly registerMs?: number
  readonly received?: number
  readonly sampled?: number
}

/** A measurement of 100 requests whose traces arrived. */
function measurement (name: string, facts: Facts = {}): Measurement {
  const { round = 1, workload = 'get', pace = 'full', requestsPerSecond = 1_000, p99 = 1, peakMemoryBytes = 1e8, registerMs = 1 } = facts
  const received = facts.received ?? (name === 'bare' ? 0 : 100)
  return {
    round,
    workload,
    case: name,
    pace,
    load: { requestsPerSecond, p50: 0.5, p99, wrong: 0 },
    figures: {
      requests: 100,
      cpuMicrosecondsPerRequest: 20,
      peakMemoryBytes,
      registerMs,
      startMs: 200,
      account: facts.sampled === undefined ? undefined : { exported: facts.sampled, failed: 0 }
    },
    arrivals: { spans: received, roots: received, spanBytes: received * 300, logRecords: 0, metricRequests: 1 }
  }
}

function results (measurements: Measurement[], more: Partial<Results> = {}): Results {
  return { rounds: 1, seconds: 1, processorsAwake: true, measurements, spanCosts: [], failures: [], ...more }
}

/** The last two cells of a target's row. */
function verdict (report: string, text: string): string[] {
  const row = report.split('\n').find(line => line.startsWith(`| ${text}`)) ?? ''
  return row.split(' | ').slice(2).map(cell => cell.replace(/ \|$/, ''))
}

t.test('medians and ranges', t => {
  t.same(spreadOf([3, 1, 2]), { median: 2, least: 1, most: 3 })
  t.same(spreadOf([4, 1, 3, 2]), { median: 2.5, least: 1, most: 4 })
  t.equal(spreadOf([]), undefined)
  t.end()
})

t.test('a ratio compares within a round, not medians of different rounds', t => {
  const rounds = [[1_000, 800], [100, 60], [10, 9]].flatMap(([bare, fast], index) => [
    measurement('bare', { round: index + 1, requestsPerSecond: bare! }), measurement('fast', { round: index + 1, requestsPerSecond: fast! })
  ])
  const alone = measurement('fast', { round: 4, requestsPerSecond: 1 })
  t.same(compare(results([...rounds, alone]), { case: 'fast', workload: 'get' }, 'bare', ({ load }) => load.requestsPerSecond, ratio),
    { median: 0.8, least: 0.6, most: 0.9 })
  t.end()
})

t.test('targets are reached or missed by the numbers', t => {
  const measurements = [
    measurement('bare'), measurement('fast', { requestsPerSecond: 700, peakMemoryBytes: 1.3e8, registerMs: 62 }),
    measurement('bare', { workload: 'post' }), measurement('fast', { workload: 'post', requestsPerSecond: 790, peakMemoryBytes: 1.61e8 }),
    measurement('dd-trace', { requestsPerSecond: 150 }),
    measurement('bare', { pace: 'half' }), measurement('fast', { pace: 'half', p99: 1.2 })
  ]
  const report = targetTable(results(measurements, { spanCosts: [{ case: 'fast', microseconds: 1.5, missing: 0 }, { case: 'sdk', microseconds: 15, missing: 0 }] }))
  t.same(verdict(report, 'throughput of bare Fastify, GET'), ['0.70', 'reached'])
  t.same(verdict(report, 'throughput of bare Fastify, POST'), ['0.79', '**missed**'])
  t.same(verdict(report, 'times the throughput of dd-trace'), ['4.67', 'reached'])
  t.same(verdict(report, 'times the throughput of the documented'), ['–', 'not measured'])
  t.same(verdict(report, 'p99 at half'), ['1.20', 'reached'])
  t.same(verdict(report, 'peak memory'), ['61 MB', '**missed**'], 'of the workload where it is most')
  t.same(verdict(report, '`register` to `ready`'), ['61 ms', '**missed**'])
  t.same(verdict(report, 'one `startActiveSpan`'), ['1.50 µs', 'reached'])
  t.same(verdict(report, 'spans of letta-otel missing'), ['0', 'reached'])
  t.end()
})

t.test('a span that is missing, or too many, misses the target; one of another package does not', t => {
  t.equal(missingOfOurs(results([measurement('fast', { received: 99 }), measurement('sdk', { received: 101 }), measurement('dd-trace', { received: 5 })])), 2)
  t.equal(missingOfOurs(results([measurement('fast')], { spanCosts: [{ case: 'fast', microseconds: 1, missing: 3 }] })), 3)
  t.equal(missingOfOurs(results([measurement('fast-unsampled', { received: 1 })])), 1)
  t.equal(missingOfOurs(results([measurement('bare')])), undefined)
  t.same(balanceOf([measurement('fast-sampled', { sampled: 11, received: 10 })]), { requests: 100, sent: 11, received: 10 })
  t.end()
})

t.test('the report names what it could not measure, and no machine path', t => {
  const report = writeReport(results([measurement('bare'), measurement('fast')], { failures: ['dd-trace with get: it did not start'] }))
  t.match(report, '- Not measured: dd-trace with get: it did not start')
  t.match(report, '| letta-otel, engine `fast` | 1,000 | 1.00 (1.00–1.00) |')
  t.match(report, /^\| Node\.js \| \d+/m)
  t.match(report, /^\| dd-trace \| \d+\.\d+\.\d+ \|$/m)
  t.notMatch(report, /\/(?:tmp|work|root|home)\//)
  t.notMatch(report, /undefined|NaN/)
  t.end()
})
