import { caseNamed } from '../cases.ts'
import type { Measurement, Results } from '../measure/measurement.ts'
import { missingMethodSpans } from './method-costs.ts'

export const throughput = ({ load }: Measurement): number => load.requestsPerSecond
export const p99 = ({ load }: Measurement): number => load.p99
export const cpu = ({ figures }: Measurement): number => figures.cpuMicrosecondsPerRequest
/** In MB of 10⁶ bytes. */
export const peakMemory = ({ figures }: Measurement): number => figures.peakMemoryBytes / 1e6
export const registerTime = ({ figures }: Measurement): number => figures.registerMs
export const startTime = ({ figures }: Measurement): number => figures.startMs

/** Spans that had to be at the sink, one for each request, and those that were. */
export interface SpanBalance {
  readonly requests: number
  readonly sent: number
  readonly received: number
}

/**
 * A traced request has one span without a parent, so counting these tells whether each request arrived. Of a sampled case
 * only the plugin knows how many it sent.
 */
export function balanceOf (measurements: readonly Measurement[]): SpanBalance {
  let requests = 0
  let sent = 0
  let received = 0
  for (const { case: name, figures, arrivals } of measurements) {
    const { spans } = caseNamed(name)
    requests += figures.requests
    received += arrivals.roots
    if (spans === 'all') sent += figures.requests
    else if (spans === 'sampled') sent += (figures.account?.exported ?? 0) + (figures.account?.failed ?? 0)
  }
  return { requests, sent, received }
}

export function bytesPerSpan (measurements: readonly Measurement[]): number | undefined {
  const spans = measurements.reduce((sum, { arrivals }) => sum + arrivals.spans, 0)
  return spans === 0 ? undefined : measurements.reduce((sum, { arrivals }) => sum + arrivals.spanBytes, 0) / spans
}

/** Spans of ours that are missing at the sink, or that arrived without having been sent. */
export function missingOfOurs ({ measurements, spanCosts, methodCosts = [] }: Results): number | undefined {
  const ours = measurements.filter(one => caseNamed(one.case).ours)
  if (ours.length === 0) return undefined
  const missing = ours.map(one => balanceOf([one])).reduce((sum, { sent, received }) => sum + Math.abs(sent - received), 0)
  return missing + spanCosts.reduce((sum, cost) => sum + Math.abs(cost.missing), 0) + missingMethodSpans(methodCosts)
}
