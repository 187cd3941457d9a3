/** What panels show of the sample telemetry (2 organizations with 2 agents, 10 runs each, one a minute) and of what went wrong, in intervals of five minutes. */
import { SAMPLE, sampleTraceId } from '../fixtures/sample-telemetry.ts'
import { SAMPLE_START } from '../store/sample-store.ts'
import { TROUBLED_END } from '../store/troubled-store.ts'

export type Row = Readonly<Record<string, unknown>>

const text = (milliseconds: number): string => new Date(milliseconds).toISOString().slice(0, 19).replace('T', ' ')
const at = (minutes: number): string => text(Number(SAMPLE_START / 1_000_000n) + minutes * 60_000)
/** Minutes before the end of what went wrong. */
const trouble = (minute: number): string => text((TROUBLED_END + minute * 60) * 1_000)
const ENDPOINT = `POST ${SAMPLE.route}`
const AGENTS = ['agent-0-of-org-1', 'agent-0-of-org-2', 'agent-1-of-org-1', 'agent-1-of-org-2']
const FAILED = new RegExp(['org-1', 'org-2'].flatMap(organization => [0, 1].map(agent => sampleTraceId(organization, agent, 9))).join('|'))
const ANY_TRACE = /^[0-9a-f]{32}$/
const byModel = (column: string, values: readonly number[]): Row[] =>
  [0, 5].flatMap((minute, bucket) => SAMPLE.models.map((model, index) => ({ time: at(minute), model, [column]: values[bucket * 2 + index] })))
/** By dashboard and by the id of the panel; columns that are not named may hold anything. */
export const ANSWERS: Readonly<Record<string, Readonly<Record<number, readonly Row[]>>>> = {
  requests: {
    1: [{ requests: 40 }],
    2: [{ failed: 0.1 }],
    3: [{ refused: 0 }],
    4: [{ p50: 10_000 }],
    5: [{ p99: 20_000 }],
    6: [
      { time: at(0), '2xx': 0.0666667, '3xx': 0, '4xx': 0, '5xx': 0, other: 0 },
      { time: at(5), '2xx': 0.0533333, '3xx': 0, '4xx': 0, '5xx': 0.0133333, other: 0 }
    ],
    7: [{ time: at(0), P50: 6_000, P90: 10_000, P95: 10_000, P99: 10_000 }, { time: at(5), P50: 16_000, P90: 20_000, P95: 20_000, P99: 20_000 }],
    8: [{ time: at(0), failed: 0, refused: 0 }, { time: at(5), failed: 0.2, refused: 0 }],
    9: [{ time: at(0), endpoint: ENDPOINT, p99: 10_000 }, { time: at(5), endpoint: ENDPOINT, p99: 20_000 }],
    10: [{ time: at(0), endpoint: ENDPOINT, failed: 0 }, { time: at(5), endpoint: ENDPOINT, failed: 0.2 }],
    11: [{ endpoint: ENDPOINT, requests: 40, errors: 4, average: 11_000, P50: 10_000, P90: 18_000, P95: 20_000, P99: 20_000, maximum: 20_000, 'share of time': 1 }],
    12: [20, 18, 16, 14, 12].flatMap(seconds => Array<Row>(4).fill({
      service: 'agent-server', request: ENDPOINT, duration: seconds * 1_000, status: seconds === 20 ? '500' : '200', trace: seconds === 20 ? FAILED : ANY_TRACE
    })),
    13: Array<Row>(4).fill({ time: at(9), status: '500', duration: 20_000, organization: /^org-[12]$/, trace: FAILED })
  },
  agents: {
    1: [{ runs: 40 }],
    2: [{ failed: 0.1 }],
    3: [{ calls: 80 }],
    4: [{ failed: 0.05 }],
    5: [{ tokens: 9_600 }],
    6: [{ cost: 20 }],
    7: [{ time: at(0), outcome: 'ok', runs: 20 }, { time: at(5), outcome: 'error', runs: 4 }, { time: at(5), outcome: 'ok', runs: 16 }],
    8: [{ time: at(0), P50: 6_000, P90: 10_000, P99: 10_000 }, { time: at(5), P50: 16_000, P90: 20_000, P99: 20_000 }],
    9: byModel('calls', [20, 20, 20, 20]),
    10: byModel('failed', [0, 0, 0, 0.2]),
    11: byModel('cost', [5, 5, 5, 5]),
    12: byModel('p99', [500, 500, 1_000, 1_000]),
    13: [
      { time: at(0), 'first token P50': 75, 'first token P99': 125, 'whole P50': 300, 'whole P99': 500 },
      { time: at(5), 'first token P50': 200, 'first token P99': 250, 'whole P50': 800, 'whole P99': 1_000 }
    ],
    14: [0, 5].map(minute => ({ time: at(minute), sent: 4_000, cached: 400, answered: 800, reasoning: 200 })),
    15: SAMPLE.models.map((value, index) => ({ value, calls: 40, errors: index * 4, p50_ms: 500, p99_ms: 1_000, input_tokens: 4_000, output_tokens: 800, cost_usd: 10 })),
    16: SAMPLE.models.map((model, index) => ({ provider: 'acme', model, calls: 40 - index * 4, ttft_p50_ms: 125, total_p50_ms: 500, ttft_share: 0.25 })),
    17: SAMPLE.models.map((model, index) => ({ model, requests: 40, errors: index * 4, minimum_ms: 100, average_ms: 550, p99_ms: 1_000, maximum_ms: 1_000 })),
    18: [20, 18, 16, 14, 12].flatMap((seconds, index) => Array<Row>(4).fill({
      started: at(9 - index), duration: seconds * 1_000, steps: 2, outcome: index === 0 ? 'error' : 'ok', tokens: 240, cost: 0.5, trace: index === 0 ? FAILED : ANY_TRACE
    })),
    19: Array<Row>(4).fill({ started: at(9), model: 'model-b', error: SAMPLE.errorType, message: 'too many requests', latency: 1_000, trace: FAILED }),
    20: AGENTS.map(agent => ({ agent_id: agent, steps: 20, runs: 10, errors: 1, average_step_ms: 5_500, total_tokens: 2_400, cost_usd: 5 })),
    // Of a day, or of two when the sample lies around midnight.
    21: at(0).slice(0, 10) === at(9).slice(0, 10)
      ? [{ day: at(0).slice(0, 10), calls: 80, errors: 4, request_bytes: 80_000, response_bytes: 40_000, input_tokens: 8_000, output_tokens: 1_600, cost_usd: 20 }]
      : [{ day: at(9).slice(0, 10), errors: 4 }, { day: at(0).slice(0, 10), errors: 0 }]
  },
  pipeline: {
    1: [{ seconds: 59 }],
    2: [{ lost: 7 + 4 + 105 }],
    3: [{ crashes: 1 }],
    4: [0, 5].map(minute => ({ time: at(minute), service: 'agent-server', spans: 0.133333 })),
    5: [0, 5].map(minute => ({ time: at(minute), severity: 'info', lines: 0.133333 })),
    6: [0, 5].map(minute => ({ time: at(minute), service: 'agent-server', points: 0.0666667 })),
    7: [{ time: trouble(-5), label: 'spans', value: 1_000 }],
    8: [
      { time: trouble(-10), label: 'spool_full', value: 100 },
      { time: trouble(-5), label: 'queue_full', value: 7 },
      { time: trouble(-5), label: 'rejected', value: 4 },
      { time: trouble(-5), label: 'spool_full', value: 5 }
    ],
    9: [{ time: trouble(-5), label: 'sent again', value: 6 }, { time: trouble(-5), label: 'to the disk', value: 8 }],
    10: [{ time: trouble(-5), service: 'losing', value: 7_000 }],
    11: [
      { time: trouble(-15), service: 'spooling', value: 400e6 },
      { time: trouble(-10), service: 'spooling', value: 400e6 },
      { time: trouble(-5), service: 'spooled', value: 1_000 },
      { time: trouble(-5), service: 'spooling', value: 400e6 }
    ],
    12: [
      { service: 'lost-before', telemetry: 'metrics', last_time: trouble(-3 + 1 / 60), ago: 179 },
      ...['failing', 'recovered', 'seldom-asked'].map(service => ({ service, telemetry: 'spans', ago: 119 })),
      { service: 'lately-slow', telemetry: 'spans', ago: 59 },
      { service: 'losing', telemetry: 'metrics', ago: 59 },
      { service: 'slow', telemetry: 'spans', ago: 59 },
      { service: 'spooled', telemetry: 'metrics', ago: 59 },
      { service: 'spooling', telemetry: 'metrics', ago: 59 }
    ]
  },
  slo: {
    1: [{ compliance: 0.9 }],
    2: [{ budget_left: 0.5 }],
    3: [{ burn_rate: 0.5 }],
    4: [{ burn_rate: 0.5 }],
    5: [{ burn_rate: 0.5 }],
    6: [
      { window: '5m', requests: 20, good: 16, compliance: 0.8, burn_rate: 1, budget_left: 0 },
      ...['30m', '1h', '6h', '1d', '3d', '30d'].map(window => ({ window, requests: 40, good: 36, compliance: 0.9, burn_rate: 0.5, budget_left: 0.5 }))
    ],
    7: [{ time: at(0), '1 hour': 0, '6 hours': 0 }, { time: at(5), '1 hour': 0.5, '6 hours': 0.5 }],
    8: [{ time: at(0), good_part: 1 }, { time: at(5), good_part: 0.8 }],
    9: [{ time: at(0), budget_left: 1 }, { time: at(5), budget_left: 0.5 }],
    10: [{ method: 'POST', route: SAMPLE.route, requests: 40, failed: 4, 'failed part': 0.1, 'share of all failures': 1 }]
  },
  trace: {
    1: [
      { traceID: sampleTraceId('org-1', 0, 9), parentSpanID: '', serviceName: 'agent-server', operationName: ENDPOINT, duration: 20_000, statusCode: 2, kind: 'server', tags: [{ key: 'http.request.method', value: 'POST' }] },
      { operationName: 'Agent.step', duration: 10_000, kind: 'internal', serviceTags: [{ key: 'service.name', value: 'agent-server' }] }
    ],
    2: [{ time: at(9), severity: 'info', body: 'run started' }, { body: 'run ended', service: 'agent-server' }]
  }
}

/** What variables offer, by dashboard. */
export const VARIABLE_ANSWERS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  requests: { service: ['agent-server'], route: [SAMPLE.route] },
  agents: { organization: ['org-1', 'org-2'], model: [...SAMPLE.models], agent: AGENTS },
  pipeline: { service: ['failing', 'lately-slow', 'recovered', 'seldom-asked', 'slow'] },
  slo: { service: ['agent-server'], route: [SAMPLE.route] },
  trace: {}
}
