import type { InstrumentFacts } from './metrics.ts'

// Letta's instruments of connection pools.
export const POOL_CONNECTIONS_TOTAL: InstrumentFacts = {
  name: 'gauge_db_pool_connections_total', unit: '1', description: 'Connections of a pool, those being opened included.'
}
export const POOL_CONNECTIONS_CHECKED_OUT: InstrumentFacts = {
  name: 'gauge_db_pool_connections_checked_out', unit: '1', description: 'Connections of a pool that are in use or being opened.'
}
export const POOL_CONNECTIONS_AVAILABLE: InstrumentFacts = {
  name: 'gauge_db_pool_connections_available', unit: '1', description: 'Connections of a pool that wait to be used.'
}
export const POOL_CONNECTIONS_OVERFLOW: InstrumentFacts = {
  name: 'gauge_db_pool_connections_overflow', unit: '1', description: 'Connections of a pool beyond its size.'
}
/** A later one of Letta's, whose name begins with no kind of instrument. */
export const POOL_WAITERS: InstrumentFacts = {
  name: 'db_pool_waiters', unit: '1', description: 'Callers that wait for a connection of a pool.'
}

/** From microseconds, for an idle connection, to what a caller waits for at most; milliseconds. */
const DURATION_BOUNDARIES = [0.1, 0.5, 1, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10_000, 30_000, 60_000]

export const POOL_CONNECTION_DURATION: InstrumentFacts = {
  name: 'hist_db_pool_connection_duration_ms', unit: 'ms', description: 'How long a connection was in use.', boundaries: DURATION_BOUNDARIES
}
/** A later one of Letta's, whose name begins with no kind of instrument. */
export const POOL_CHECKOUT_LATENCY: InstrumentFacts = {
  name: 'db_checkout_latency_ms', unit: 'ms', description: 'How long a caller waited for a connection.', boundaries: DURATION_BOUNDARIES
}
export const POOL_CONNECTION_EVENTS: InstrumentFacts = {
  name: 'count_db_pool_connection_events', unit: '1', description: 'What happened to connections of a pool.'
}
export const POOL_CONNECTION_ERRORS: InstrumentFacts = {
  name: 'count_db_pool_connection_errors', unit: '1', description: 'Connections of a pool that failed.'
}

/** Attributes of these instruments. */
export const ATTR_ENGINE_NAME = 'engine_name'
export const ATTR_POOL_EVENT = 'event'
export const ATTR_EXCEPTION_TYPE_OF_POOL = 'exception_type'

/** Values of {@link ATTR_POOL_EVENT}, as SQLAlchemy names them; its other events have no counterpart in a pool of pg. */
export const POOL_EVENTS = ['connect', 'first_connect', 'checkout', 'checkin', 'invalidate', 'close'] as const

/** Characters kept of a statement. */
export const STATEMENT_MAX_LENGTH = 1_000
