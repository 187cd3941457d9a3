import { errorMonitor } from 'node:events'
import { LETTA_OTEL_INVALID_OPTION, describeValue } from '../errors.ts'
import { PoolInstruments } from './pool-instruments.ts'
import type { MonitoredPool, PoolListener } from './pool.ts'
import { watchCheckouts } from './watch-checkouts.ts'

/** Options of {@link monitorPool}. */
export interface MonitorPoolOptions {
  /** `engine_name` of everything that is measured: which of an application's pools it is. */
  name: string
}

/** Marks a pool that is monitored: twice would count everything twice. */
const MONITORED = Symbol.for('letta-otel monitored pool')
type Marked = MonitoredPool & { [MONITORED]?: true }

/** A class; anything else could be a message, with as many values as there are errors. */
const CLASS_NAME = /^[\w$]{1,100}$/

/**
 * Measures a connection pool, of `pg` or with the same interface: its connections and waiters, how long callers wait for
 * a connection and use it, what happens to connections, and what fails.
 *
 * @returns what ends it and leaves the pool as it was
 * @throws {LETTA_OTEL_INVALID_OPTION} the name is missing, or the pool is none, or it is monitored already
 * @example
 * const stop = monitorPool(new pg.Pool(), { name: 'main' })
 */
export function monitorPool (pool: MonitoredPool, options: MonitorPoolOptions): () => void {
  check(pool, options)
  const marked: Marked = pool
  const instruments = new PoolInstruments(pool, options.name)
  const usedSince = new WeakMap<object, number>()
  let isFirst = true

  function fail (error: unknown): void {
    instruments.countError(errorClass(error))
  }

  const listeners: ReadonlyArray<readonly [event: string | symbol, listener: PoolListener]> = [
    ['connect', () => {
      instruments.count('connect')
      if (isFirst) instruments.count('first_connect')
      isFirst = false
    }],
    ['acquire', (connection: unknown) => {
      // What throws here throws into the pool, and not every pool says which connection it is.
      if (typeof connection === 'object' && connection !== null) usedSince.set(connection, performance.now())
      instruments.count('checkout')
    }],
    ['release', (error: unknown, connection: object) => {
      const since = usedSince.get(connection)
      usedSince.delete(connection)
      if (since !== undefined) instruments.recordDuration(performance.now() - since)
      instruments.count('checkin')
      // `true` asks to close a connection that no error was seen of.
      if (error) instruments.count('invalidate')
      if (error instanceof Error) fail(error)
    }],
    ['remove', () => { instruments.count('close') }],
    // An error that nobody listens for ends the process, and shall do so still.
    [errorMonitor, (error: unknown) => {
      instruments.count('invalidate')
      fail(error)
    }]
  ]
  for (const [event, listener] of listeners) pool.on(event, listener)
  const unwatch = watchCheckouts(pool, { onCheckout: milliseconds => { instruments.recordLatency(milliseconds) }, onFailure: fail })
  Object.defineProperty(marked, MONITORED, { value: true, configurable: true })
  instruments.start()

  return () => {
    for (const [event, listener] of listeners) pool.removeListener(event, listener)
    unwatch()
    instruments.stop()
    Reflect.deleteProperty(marked, MONITORED)
  }
}

function check (pool: Marked, options: MonitorPoolOptions): void {
  const isPool = typeof pool === 'object' && pool !== null && typeof pool.on === 'function' && typeof pool.removeListener === 'function' &&
    typeof pool.connect === 'function' && typeof pool.totalCount === 'number' && typeof pool.idleCount === 'number' && typeof pool.waitingCount === 'number'
  if (!isPool) throw new LETTA_OTEL_INVALID_OPTION('monitorPool.pool', describeValue(pool), 'use a pool of pg, or one with the same events and counts')
  if (pool[MONITORED] === true) throw new LETTA_OTEL_INVALID_OPTION('monitorPool.pool', 'a pool that is monitored', 'monitor it once, or end the first before')
  const name: unknown = (options as MonitorPoolOptions | undefined)?.name
  if (typeof name !== 'string' || name === '') throw new LETTA_OTEL_INVALID_OPTION('monitorPool.name', describeValue(name), 'use a text')
}

function errorClass (error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  const name: unknown = (error.constructor as { name?: unknown } | undefined)?.name
  return typeof name === 'string' && CLASS_NAME.test(name) ? name : 'Error'
}
