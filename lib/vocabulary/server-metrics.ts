import type { InstrumentFacts } from './metrics.ts'

// Letta's instruments of a server, whose names begin with no kind of instrument.
export const IN_FLIGHT: InstrumentFacts = { name: 'in_flight_foreground', unit: '1', description: 'Requests that are being served.' }
export const REQUEST_TIMEOUTS: InstrumentFacts = { name: 'request_timeout_total', unit: '1', description: 'Requests that took longer than they might.' }
export const SSE_ACTIVE_SESSIONS: InstrumentFacts = { name: 'sse_active_sessions', unit: '1', description: 'Event streams that are being sent.' }
export const SSE_DISCONNECTS: InstrumentFacts = { name: 'sse_disconnect_total', unit: '1', description: 'Event streams that were cut off.' }
export const SSE_DURATION: InstrumentFacts = {
  name: 'sse_duration_ms',
  unit: 'ms',
  description: 'Duration of requests that event streams answer.',
  boundaries: [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000]
}
export const EVENT_LOOP_LAG: InstrumentFacts = {
  name: 'event_loop_lag_ms',
  unit: 'ms',
  description: 'How much later than it should a timer ran.',
  boundaries: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000]
}

/** Attribute of {@link SSE_DISCONNECTS}: the `error.type` of the request. */
export const ATTR_DISCONNECT_REASON = 'reason'

// OpenTelemetry semantic conventions (1.45), in development there and so spelled out here.
export const HTTP_SERVER_ACTIVE_REQUESTS: InstrumentFacts = {
  name: 'http.server.active_requests', unit: '{request}', description: 'Number of active HTTP server requests.'
}
export const EVENT_LOOP_TIME: InstrumentFacts = {
  name: 'nodejs.eventloop.time', unit: 's', description: 'Cumulative duration of time the event loop has been in each state.'
}
export const EVENT_LOOP_UTILIZATION: InstrumentFacts = { name: 'nodejs.eventloop.utilization', unit: '1', description: 'Event loop utilization.' }

/** What `nodejs.eventloop.delay.*` tells of a distribution. */
export const EVENT_LOOP_DELAYS = ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'] as const

export function eventLoopDelay (statistic: typeof EVENT_LOOP_DELAYS[number]): InstrumentFacts {
  return { name: `nodejs.eventloop.delay.${statistic}`, unit: 's', description: `Event loop delay: ${statistic}.` }
}

export const ATTR_NODEJS_EVENTLOOP_STATE = 'nodejs.eventloop.state'
