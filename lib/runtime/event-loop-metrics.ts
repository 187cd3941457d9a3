import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import type { BatchObservableCallback, Meter, ObservableGauge } from '@opentelemetry/api'
import type { InstrumentFacts } from '../vocabulary/metrics.ts'
import {
  ATTR_NODEJS_EVENTLOOP_STATE, EVENT_LOOP_DELAYS, EVENT_LOOP_LAG, EVENT_LOOP_TIME, EVENT_LOOP_UTILIZATION, eventLoopDelay
} from '../vocabulary/server-metrics.ts'

/** Milliseconds between two looks of Node's at the event loop; part of every delay that it reports. */
const RESOLUTION_MS = 10
/** Milliseconds between two heartbeats, as in Letta. */
const HEARTBEAT_MS = 1_000

/**
 * Watches the event loop of this thread, without keeping the process.
 *
 * @param conventions whether to tell of it as the semantic conventions have it, too
 * @returns what ends it
 */
export function watchEventLoop (meter: Meter, conventions: boolean): () => void {
  const stopHeartbeat = startHeartbeat(meter)
  const stopObserving = conventions ? observeDelay(meter) : undefined
  return () => {
    stopHeartbeat()
    stopObserving?.()
  }
}

/** A timer is late by as long as whatever becomes due then has to wait. */
function startHeartbeat (meter: Meter): () => void {
  const { name, unit, description, boundaries = [] } = EVENT_LOOP_LAG
  const lag = meter.createHistogram(name, { unit, description, advice: { explicitBucketBoundaries: boundaries } })
  let last = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    lag.record(Math.max(0, now - last - HEARTBEAT_MS))
    last = now
  }, HEARTBEAT_MS)
  timer.unref()
  return () => { clearInterval(timer) }
}

function observeDelay (meter: Meter): () => void {
  const gauge = ({ name, ...rest }: InstrumentFacts): ObservableGauge => meter.createObservableGauge(name, rest)
  const delays = EVENT_LOOP_DELAYS.map(statistic => ({ statistic, instrument: gauge(eventLoopDelay(statistic)) }))
  const utilization = gauge(EVENT_LOOP_UTILIZATION)
  const time = meter.createObservableCounter(EVENT_LOOP_TIME.name, EVENT_LOOP_TIME)
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  let last = performance.eventLoopUtilization()

  const observe: BatchObservableCallback = result => {
    // Of nothing, Node's histogram says what no delay is.
    if (delay.count > 0) for (const { statistic, instrument } of delays) result.observe(instrument, statisticOf(delay, statistic) / 1e9)
    delay.reset()
    const now = performance.eventLoopUtilization()
    result.observe(utilization, performance.eventLoopUtilization(now, last).utilization)
    result.observe(time, now.active / 1e3, { [ATTR_NODEJS_EVENTLOOP_STATE]: 'active' })
    result.observe(time, now.idle / 1e3, { [ATTR_NODEJS_EVENTLOOP_STATE]: 'idle' })
    last = now
  }
  const observables = [...delays.map(({ instrument }) => instrument), utilization, time]
  meter.addBatchObservableCallback(observe, observables)
  return () => {
    meter.removeBatchObservableCallback(observe, observables)
    delay.disable()
  }
}

function statisticOf (delay: ReturnType<typeof monitorEventLoopDelay>, statistic: typeof EVENT_LOOP_DELAYS[number]): number {
  switch (statistic) {
    case 'p50': return delay.percentile(50)
    case 'p90': return delay.percentile(90)
    case 'p99': return delay.percentile(99)
    default: return delay[statistic]
  }
}
