import {
  metrics, type Attributes, type BatchObservableCallback, type Counter, type Histogram, type Meter, type MeterProvider, type ObservableGauge
} from '@opentelemetry/api'
import {
  ATTR_ENGINE_NAME, ATTR_EXCEPTION_TYPE_OF_POOL, ATTR_POOL_EVENT, POOL_CHECKOUT_LATENCY, POOL_CONNECTIONS_AVAILABLE,
  POOL_CONNECTIONS_CHECKED_OUT, POOL_CONNECTIONS_OVERFLOW, POOL_CONNECTIONS_TOTAL, POOL_CONNECTION_DURATION, POOL_CONNECTION_ERRORS,
  POOL_CONNECTION_EVENTS, POOL_EVENTS, POOL_WAITERS
} from '../vocabulary/database.ts'
import type { InstrumentFacts } from '../vocabulary/metrics.ts'
import type { MonitoredPool } from './pool.ts'

/** Names the instrumentation scope of what is measured here. */
const SCOPE = 'letta-otel'

export type PoolEvent = typeof POOL_EVENTS[number]

interface Instruments {
  readonly duration: Histogram
  readonly latency: Histogram
  readonly events: Counter
  readonly errors: Counter
  readonly stopObserving: () => void
}

/**
 * The instruments of one pool, of whichever meter provider is the global one: a pool may be made before there is one, and
 * one runtime may follow another. Each event looks, and takes instruments of its own when the provider is a new one.
 */
export class PoolInstruments {
  readonly #pool: MonitoredPool
  readonly #engine: Attributes
  readonly #eventAttributes: ReadonlyMap<PoolEvent, Attributes>
  #provider: MeterProvider | undefined
  #instruments: Instruments | undefined

  constructor (pool: MonitoredPool, name: string) {
    this.#pool = pool
    this.#engine = { [ATTR_ENGINE_NAME]: name }
    this.#eventAttributes = new Map(POOL_EVENTS.map(event => [event, { ...this.#engine, [ATTR_POOL_EVENT]: event }]))
  }

  count (event: PoolEvent): void {
    this.#guard(({ events }) => { events.add(1, this.#eventAttributes.get(event)) })
  }

  countError (exceptionType: string): void {
    this.#guard(({ errors }) => { errors.add(1, { ...this.#engine, [ATTR_EXCEPTION_TYPE_OF_POOL]: exceptionType }) })
  }

  recordDuration (milliseconds: number): void {
    this.#guard(({ duration }) => { duration.record(milliseconds, this.#engine) })
  }

  recordLatency (milliseconds: number): void {
    this.#guard(({ latency }) => { latency.record(milliseconds, this.#engine) })
  }

  /** Registers the gauges, which need no event to be read. */
  start (): void {
    this.#guard(() => {})
  }

  stop (): void {
    this.#guard(({ stopObserving }) => { stopObserving() })
  }

  /** A provider of the application's own may throw: its caller has a connection, and has to get it. */
  #guard (task: (instruments: Instruments) => void): void {
    try {
      task(this.#current())
    } catch {
      // There is nothing that could be told of it here.
    }
  }

  #current (): Instruments {
    const provider = metrics.getMeterProvider()
    if (this.#instruments === undefined || provider !== this.#provider) {
      this.#instruments?.stopObserving()
      this.#provider = provider
      const meter = provider.getMeter(SCOPE)
      this.#instruments = {
        duration: histogram(meter, POOL_CONNECTION_DURATION),
        latency: histogram(meter, POOL_CHECKOUT_LATENCY),
        events: meter.createCounter(POOL_CONNECTION_EVENTS.name, POOL_CONNECTION_EVENTS),
        errors: meter.createCounter(POOL_CONNECTION_ERRORS.name, POOL_CONNECTION_ERRORS),
        stopObserving: this.#observe(meter)
      }
    }
    return this.#instruments
  }

  #observe (meter: Meter): () => void {
    const gauge = (facts: InstrumentFacts): ObservableGauge => meter.createObservableGauge(facts.name, facts)
    const total = gauge(POOL_CONNECTIONS_TOTAL)
    const checkedOut = gauge(POOL_CONNECTIONS_CHECKED_OUT)
    const available = gauge(POOL_CONNECTIONS_AVAILABLE)
    const overflow = gauge(POOL_CONNECTIONS_OVERFLOW)
    const waiters = gauge(POOL_WAITERS)
    const all = [total, checkedOut, available, overflow, waiters]
    const observe: BatchObservableCallback = result => {
      const { totalCount, idleCount, waitingCount, options } = this.#pool
      result.observe(total, totalCount, this.#engine)
      result.observe(checkedOut, totalCount - idleCount, this.#engine)
      result.observe(available, idleCount, this.#engine)
      result.observe(overflow, Math.max(totalCount - (options?.max ?? Infinity), 0), this.#engine)
      result.observe(waiters, waitingCount, this.#engine)
    }
    meter.addBatchObservableCallback(observe, all)
    return () => { meter.removeBatchObservableCallback(observe, all) }
  }
}

function histogram (meter: Meter, { name, unit, description, boundaries }: InstrumentFacts): Histogram {
  return meter.createHistogram(name, { unit, description, ...(boundaries !== undefined && { advice: { explicitBucketBoundaries: boundaries } }) })
}
